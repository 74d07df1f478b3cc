// `darkroom convert` on files of the corpus, as a user would call it.

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/command_run.h"

namespace darkroom::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ConvertTest : public ::testing::Test {
 protected:
  ConvertTest() : folder_(std::filesystem::temp_directory_path() / absl::StrCat("c-", RandomId())) {
    std::filesystem::create_directories(folder_);
  }
  ~ConvertTest() override { std::filesystem::remove_all(folder_); }

  // `darkroom convert` of a copy of a file of the corpus.
  CommandRun Convert(const std::string& file, const std::string& options = "") {
    std::filesystem::copy_file("tests/convert/corpus/" + file, folder_ / "model.ckpt",
                               std::filesystem::copy_options::overwrite_existing);
    return CommandRun(folder_, absl::StrCat("convert model.ckpt ", options));
  }

  const std::filesystem::path folder_;
};

TEST_F(ConvertTest, WritesSafetensorsBesideTheCheckpoint) {
  CommandRun run = Convert("honest/lightning.ckpt");
  ASSERT_EQ(run.Join(), 0) << run.err();
  EXPECT_EQ(run.out(), "model.safetensors\n");
  EXPECT_THAT(run.err(), HasSubstr("skipped \"optimizer_states\": a list of 1\n"));
  EXPECT_THAT(run.err(), HasSubstr("2 tensors out of \"state_dict\", "));
  EXPECT_EQ(Content(folder_ / "model.safetensors"),
            Content("tests/convert/corpus/honest/lightning.safetensors"));
}

TEST_F(ConvertTest, OverwritesOnlyWhenToldTo) {
  std::ofstream(folder_ / "other") << "precious";
  CommandRun run = Convert("honest/bare_tensor.ckpt", "--out other");
  EXPECT_EQ(run.Join(), 1);
  EXPECT_EQ(run.out(), "");
  EXPECT_EQ(run.err(), "darkroom: other exists already; --replace overwrites it\n");
  EXPECT_EQ(Content(folder_ / "other"), "precious");
  CommandRun again = Convert("honest/bare_tensor.ckpt", "--out other --replace --json");
  ASSERT_EQ(again.Join(), 0) << again.err();
  EXPECT_THAT(again.out(), StartsWith("{\"file\": \"other\", \"tensors\": 1, \"bytes\": "));
}

TEST_F(ConvertTest, RefusesAPickleThatRunsPrograms) {
  CommandRun run = Convert("hostile/global_posix_system.ckpt");
  EXPECT_EQ(run.Join(), 1);
  EXPECT_EQ(run.out(), "");
  EXPECT_EQ(
      run.err(),
      "darkroom: model.ckpt is not converted: the global \"system\" of module \"posix\" at "
      "byte 2 of \"archive/data.pkl\" is none that tensors need; nothing of it was executed\n");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "model.safetensors"));
}

TEST_F(ConvertTest, NamesAFileThatIsMissing) {
  CommandRun run(folder_, "convert none.ckpt");
  EXPECT_EQ(run.Join(), 1);
  EXPECT_EQ(run.err(),
            "darkroom: none.ckpt is not converted: it cannot be opened: No such file or "
            "directory\n");
  CommandRun pipe(folder_, "convert /dev/null");
  EXPECT_EQ(pipe.Join(), 1);
  EXPECT_THAT(pipe.err(), HasSubstr("it is no regular file"));
}

}  // namespace
}  // namespace darkroom::testing
