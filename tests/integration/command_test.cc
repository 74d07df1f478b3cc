// The `darkroom` program against a real server, as a script would use it.

#include <signal.h>
#include <sys/wait.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cli/up/supervisor.h"
#include "common/file.h"
#include "common/ids.h"
#include "tests/integration/png_check.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr absl::Duration kPatience = absl::Seconds(60);

std::string Content(const std::filesystem::path& path) {
  return ReadFile(path, 1 << 24).value_or("");
}

// One run of the program; its streams go into files of `folder`.
class CommandRun {
 public:
  CommandRun(const std::filesystem::path& folder, const std::string& arguments)
      : out_(folder / absl::StrCat("out-", RandomId())),
        err_(folder / absl::StrCat("err-", RandomId())),
        child_(cli::ChildProcess::Start({"darkroom",
                                         {"/bin/sh", "-c",
                                          absl::StrCat("cd ", folder.string(), " && exec ",
                                                       (ProgramFolder() / "darkroom").string(), " ",
                                                       arguments, " >", out_.string())},
                                         err_})) {}

  // Blocks until it ends; 128 + N for a signal N, -1 when it could not be started or hangs.
  int Join() {
    if (!child_.ok()) return -1;
    const absl::Time last = absl::Now() + kPatience;
    std::optional<int> status;
    while (!status.has_value() && absl::Now() < last) {
      status = child_->Poll();
      absl::SleepFor(absl::Milliseconds(10));
    }
    if (!status.has_value()) return -1;
    return WIFEXITED(*status) ? WEXITSTATUS(*status) : 128 + WTERMSIG(*status);
  }
  void Interrupt() { child_->Signal(SIGINT); }
  // Blocks until stderr holds the text.
  bool AwaitError(const std::string& text) {
    return Eventually(kPatience,
                      [&] {
                        return err().find(text) == std::string::npos ? absl::UnavailableError(err())
                                                                     : absl::OkStatus();
                      })
        .ok();
  }
  std::string out() const { return Content(out_); }
  std::string err() const { return Content(err_); }
  std::vector<std::string> lines() const { return absl::StrSplit(out(), '\n', absl::SkipEmpty()); }

 private:
  std::filesystem::path out_;
  std::filesystem::path err_;
  absl::StatusOr<cli::ChildProcess> child_;
};

class CommandTest : public StackTest {
 protected:
  CommandRun Darkroom(const std::string& arguments) {
    return CommandRun(stack_->folder(), absl::StrCat(arguments, " --server ", stack_->address()));
  }
};

TEST_F(CommandTest, GeneratesPicturesIntoFiles) {
  CommandRun run = Darkroom("generate 'a red apple' --seed 7 --steps 3 --count 2 --out pictures");
  ASSERT_EQ(run.Join(), 0) << run.err();
  EXPECT_EQ(run.out(), "pictures/darkroom-7.png\npictures/darkroom-8.png\n");
  EXPECT_THAT(run.err(), HasSubstr("seeds 7, 8, jobs/"));
  const auto png = DecodePng(Content(stack_->folder() / "pictures/darkroom-7.png"));
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_THAT(png->parameters, HasSubstr("Seed: 7"));
}

TEST_F(CommandTest, FetchesAndListsWhatWasMade) {
  CommandRun generate =
      Darkroom("generate 'a red apple' --seed 7 --steps 3 --out first.png --json");
  ASSERT_EQ(generate.Join(), 0) << generate.err();
  EXPECT_THAT(generate.out(), HasSubstr("\"files\": [\"first.png\"]"));
  CommandRun list = Darkroom("list");
  ASSERT_EQ(list.Join(), 0) << list.err();
  ASSERT_THAT(list.lines(), SizeIs(2)) << "a heading and the job";
  EXPECT_THAT(list.lines()[1], HasSubstr("succeeded"));
  EXPECT_THAT(list.lines()[1], EndsWith("a red apple"));
  const std::string job = list.lines()[1].substr(0, list.lines()[1].find(' '));
  CommandRun get = Darkroom(absl::StrCat("get ", job, " --out second.png"));
  ASSERT_EQ(get.Join(), 0) << get.err();
  EXPECT_EQ(Content(stack_->folder() / "first.png"), Content(stack_->folder() / "second.png"));
  CommandRun watch = Darkroom(absl::StrCat("watch ", job));
  EXPECT_EQ(watch.Join(), 0) << watch.err();
  EXPECT_EQ(watch.out(), "succeeded\n");
  CommandRun models = Darkroom("models fake");
  EXPECT_EQ(models.Join(), 0) << models.err();
  EXPECT_THAT(models.out(), HasSubstr("workers: 1"));
}

TEST_F(CommandTest, SaysWhatIsWrongWithARequest) {
  CommandRun run = Darkroom("generate x --steps 10000 --width 63");
  EXPECT_EQ(run.Join(), 3);
  EXPECT_EQ(run.out(), "");
  EXPECT_THAT(run.err(), HasSubstr("parameters.steps"));
  EXPECT_THAT(run.err(), HasSubstr("parameters.width"));
}

TEST_F(CommandTest, CancelsTheJobOnInterrupt) {
  CommandRun run = Darkroom("generate x --steps 150 --request_id mine");
  ASSERT_TRUE(run.AwaitError("starting")) << run.err();
  run.Interrupt();
  EXPECT_EQ(run.Join(), 130) << run.err();
  EXPECT_EQ(run.out(), "");
  EXPECT_THAT(run.err(), HasSubstr("cancelled jobs/"));
  const auto listed = jobs().List({});
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->jobs_size(), 1);
  Recording recording(jobs(), listed->jobs(0).name());
  ASSERT_TRUE(recording.Join().ok());
  EXPECT_EQ(recording.end().state(), v1::JOB_STATE_CANCELLED);
  CommandRun get = Darkroom(absl::StrCat("get ", listed->jobs(0).name()));
  EXPECT_EQ(get.Join(), 5);
  EXPECT_THAT(get.out(), HasSubstr("state: cancelled"));
}

class UpTest : public ::testing::Test {
 protected:
  UpTest() : folder_(std::filesystem::temp_directory_path() / absl::StrCat("up-", RandomId())) {
    std::filesystem::create_directories(folder_);
  }
  ~UpTest() override { std::filesystem::remove_all(folder_); }

  CommandRun Up(const std::string& arguments) {
    return CommandRun(folder_,
                      absl::StrCat("up --data_dir data --listen 127.0.0.1:0 --worker_binary ",
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

TEST_F(UpTest, StaysUpUntilItIsInterruptedAndRefusesASecondOne) {
  CommandRun up = Up("");
  ASSERT_TRUE(up.AwaitError("Darkroom is up")) << up.err();
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
  CommandRun up(folder_, "up --data_dir data --listen 127.0.0.1:0 --worker_binary ./broken");
  EXPECT_EQ(up.Join(), 1);
  EXPECT_THAT(up.err(), HasSubstr("the worker keeps ending, at last with exit status 3"));
  EXPECT_THAT(up.err(), HasSubstr("the model is damaged"));
}

}  // namespace
}  // namespace darkroom::testing
