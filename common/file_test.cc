#include "common/file.h"

#include <unistd.h>

#include "gtest/gtest.h"

namespace darkroom {
namespace {

class FileTest : public ::testing::Test {
 protected:
  FileTest()
      : path_(std::filesystem::temp_directory_path() /
              ("darkroom_file_test_" + std::to_string(getpid()))) {}
  ~FileTest() override { std::filesystem::remove(path_); }

  std::filesystem::path path_;
};

TEST_F(FileTest, ReadsBackWhatWasWritten) {
  const std::string content("a\0b\n", 4);
  ASSERT_TRUE(WriteFileAtomically(path_, content).ok());
  EXPECT_EQ(ReadFile(path_, 100).value(), content);
}

TEST_F(FileTest, RefusesAFileOverTheLimit) {
  ASSERT_TRUE(WriteFileAtomically(path_, "12345").ok());
  EXPECT_EQ(ReadFile(path_, 4).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(FileTest, NamesTheMissingFile) {
  const absl::Status status = ReadFile(path_, 4).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find(path_.string()), std::string::npos);
}

TEST_F(FileTest, LeavesNothingBehindWhenItCannotWrite) {
  const auto missing_folder = path_ / "nowhere" / "file";
  EXPECT_FALSE(WriteFileAtomically(missing_folder, "x").ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace darkroom
