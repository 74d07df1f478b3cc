// `darkroom up` with real programs, as a user would start them.

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/command_run.h"
#include "tests/integration/png_check.h"
#include "tests/integration/stack.h"

namespace darkroom::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class UpTest : public ::testing::Test {
 protected:
  UpTest() : folder_(std::filesystem::temp_directory_path() / absl::StrCat("up-", RandomId())) {
    std::filesystem::create_directories(folder_);
  }
  ~UpTest() override { std::filesystem::remove_all(folder_); }

  CommandRun Up(const std::string& arguments) {
    return CommandRun(
        folder_, absl::StrCat("up --data_dir data --listen 127.0.0.1:0 --http_listen 127.0.0.1:0 "
                              "--worker_binary ",
                              (ProgramFolder() / "darkroom-fake-worker").string(),
                              " --worker_argument=--fake_row_ms=10 ", arguments));
  }

  const std::filesystem::path folder_;
};

TEST_F(UpTest, MakesOnePictureAndLeavesNothingRunning) {
  CommandRun up = Up("--generate 'a red apple' --once --seed 7 --steps 3");
  ASSERT_EQ(up.Join(), 0) << up.err();
  EXPECT_EQ(up.out(), "darkroom-7.png\n");
  EXPECT_TRUE(DecodePng(Content(folder_ / "darkroom-7.png")).ok());
  // The data folder is free again, and the next run finds the jobs of the first.
  CommandRun again = Up("--generate 'a red apple' --once --seed 7 --steps 3");
  ASSERT_EQ(again.Join(), 0) << again.err();
  EXPECT_EQ(again.out(), "darkroom-7-2.png\n");
  EXPECT_EQ(Content(folder_ / "darkroom-7.png"), Content(folder_ / "darkroom-7-2.png"));
}

TEST_F(UpTest, AppliesTheStylesOfAFile) {
  std::ofstream(folder_ / "styles.csv") << "name,prompt,negative_prompt\nink,ink drawing,colour\n";
  CommandRun up =
      Up("--styles styles.csv --generate 'a boat' --style ink --once --steps 3 --out x.png");
  ASSERT_EQ(up.Join(), 0) << up.err();
  const auto png = DecodePng(Content(folder_ / "x.png"));
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_THAT(png->parameters, StartsWith("a boat, ink drawing\nNegative prompt: colour\n"));
}

TEST_F(UpTest, GivesItsProcessesTheFileOfSettings) {
  std::ofstream(folder_ / "styles.csv") << "name,prompt,negative_prompt\nink,ink drawing,colour\n";
  std::ofstream(folder_ / "darkroom.toml") << "redis = '192.0.2.1:1'\n"
                                              "redis_sentinels = ['192.0.2.1:2']\n"
                                              "[gateway]\nlisten = '192.0.2.1:3'\n"
                                              "styles = 'styles.csv'\n"
                                              "[worker]\nfake_row_ms = 1\n";
  CommandRun up = Up("--config darkroom.toml --generate 'a boat' --style ink --once --steps 3");
  ASSERT_EQ(up.Join(), 0) << up.err();
  EXPECT_THAT(up.out(), StartsWith("darkroom-"));
}

TEST_F(UpTest, SaysWhatIsWrongWithTheFileOfSettings) {
  std::ofstream(folder_ / "darkroom.toml") << "[gatway]\n";
  CommandRun up = Up("--config darkroom.toml");
  EXPECT_EQ(up.Join(), 1);
  EXPECT_THAT(up.err(), HasSubstr("darkroom.toml:1: no process has the table [gatway]"));
}

TEST_F(UpTest, DoesNotServeHttpWhereTheFileSaysNotTo) {
  std::ofstream(folder_ / "darkroom.toml") << "[gateway]\nhttp_listen = ''\n";
  CommandRun up(folder_, "up --config darkroom.toml --data_dir data --listen 127.0.0.1:0");
  EXPECT_EQ(up.Join(), 1);
  EXPECT_THAT(up.err(), HasSubstr("gateway.http_listen is empty"));
}

TEST_F(UpTest, MissesAStyleFileBeforeItStartsAnything) {
  CommandRun up = Up("--styles none.csv");
  EXPECT_EQ(up.Join(), 1);
  EXPECT_EQ(up.err(),
            "Starting Darkroom\ndarkroom: cannot open none.csv: No such file or directory\n");
}

TEST_F(UpTest, StaysUpUntilItIsInterruptedAndRefusesASecondOne) {
  CommandRun up = Up("");
  ASSERT_TRUE(up.AwaitError("Darkroom is up")) << up.err();
  ASSERT_TRUE(up.AwaitError("open      http://127.0.0.1:")) << up.err();
  CommandRun second = Up("");
  EXPECT_EQ(second.Join(), 1);
  EXPECT_THAT(second.err(), HasSubstr("another `darkroom up` uses"));
  up.Interrupt();
  EXPECT_EQ(up.Join(), 0) << up.err();
  EXPECT_THAT(up.err(), HasSubstr("Stopping Darkroom"));
}

TEST_F(UpTest, ShowsTheLogOfAProgramThatKeepsEnding) {
  std::ofstream(folder_ / "broken") << "#!/bin/sh\necho the model is damaged >&2\nexit 3\n";
  std::filesystem::permissions(folder_ / "broken", std::filesystem::perms::owner_all);
  CommandRun up(folder_,
                "up --data_dir data --listen 127.0.0.1:0 --http_listen 127.0.0.1:0 "
                "--worker_binary ./broken");
  EXPECT_EQ(up.Join(), 1);
  EXPECT_THAT(up.err(), HasSubstr("the worker keeps ending, at last with exit status 3"));
  EXPECT_THAT(up.err(), HasSubstr("the model is damaged"));
}

}  // namespace
}  // namespace darkroom::testing
