#include "convert/new_file.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::convert {
namespace {

class NewFileTest : public ::testing::Test {
 protected:
  NewFileTest() { std::filesystem::create_directories(folder_); }
  ~NewFileTest() override { std::filesystem::remove_all(folder_); }

  const std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) /
      ::testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::filesystem::path path_ = folder_ / "new";
};

TEST_F(NewFileTest, AppearsWholeWhenItIsFinished) {
  auto file = NewFile::Create(path_, false);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Append("one ").ok());
  ASSERT_TRUE(file->Append("two").ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
  ASSERT_TRUE(file->Finish().ok());
  EXPECT_EQ(ReadFile(path_, 100).value(), "one two");
}

TEST_F(NewFileTest, LeavesNothingBehindWithoutAnEnd) {
  {
    auto file = NewFile::Create(path_, false);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(file->Append("one").ok());
    EXPECT_FALSE(std::filesystem::is_empty(folder_));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(NewFileTest, ReplacesOnlyWhenAsked) {
  std::ofstream(path_) << "old";
  EXPECT_EQ(NewFile::Create(path_, false).status().code(), absl::StatusCode::kAlreadyExists);
  auto file = NewFile::Create(path_, true);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->Append("new").ok());
  EXPECT_EQ(ReadFile(path_, 100).value(), "old");
  ASSERT_TRUE(file->Finish().ok());
  EXPECT_EQ(ReadFile(path_, 100).value(), "new");
}

TEST_F(NewFileTest, AFolderThatIsMissingIsNamed) {
  const auto file = NewFile::Create(folder_ / "missing/new", false);
  EXPECT_EQ(file.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(file.status().message()), ::testing::HasSubstr("missing/new"));
}

}  // namespace
}  // namespace darkroom::convert
