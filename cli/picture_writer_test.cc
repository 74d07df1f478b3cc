#include "cli/picture_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/file.h"
#include "common/ids.h"

namespace darkroom::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class PictureWriterTest : public ::testing::Test {
 protected:
  PictureWriterTest() : folder_(std::filesystem::temp_directory_path() / RandomId()) {}
  ~PictureWriterTest() override { std::filesystem::remove_all(folder_); }

  static Picture MakePicture(std::int64_t seed, std::string bytes) {
    Picture picture;
    picture.image.set_seed(seed);
    picture.bytes = std::move(bytes);
    return picture;
  }
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  const std::filesystem::path folder_;
};

TEST_F(PictureWriterTest, NamesPicturesByTheirSeedAndNeverOverwrites) {
  const PictureWriter writer(folder_.string());
  ASSERT_TRUE(writer.Prepare().ok());
  EXPECT_EQ(*writer.Write(MakePicture(7, "first")), folder_ / "darkroom-7.png");
  EXPECT_EQ(*writer.Write(MakePicture(7, "second")), folder_ / "darkroom-7-2.png");
  EXPECT_EQ(*writer.Write(MakePicture(7, "third")), folder_ / "darkroom-7-3.png");
  EXPECT_EQ(*writer.Write(MakePicture(8, "other")), folder_ / "darkroom-8.png");
  EXPECT_EQ(*ReadFile(folder_ / "darkroom-7.png", 100), "first");
  EXPECT_EQ(*ReadFile(folder_ / "darkroom-7-3.png", 100), "third");
  EXPECT_THAT(Files(), UnorderedElementsAre("darkroom-7.png", "darkroom-7-2.png",
                                            "darkroom-7-3.png", "darkroom-8.png"))
      << "nothing else is left behind";
}

TEST_F(PictureWriterTest, TakesAFileNameAtItsWord) {
  const PictureWriter writer((folder_ / "new" / "apple.png").string());
  ASSERT_TRUE(writer.Prepare().ok());
  EXPECT_EQ(*writer.Write(MakePicture(7, "a")), folder_ / "new" / "apple.png");
  EXPECT_EQ(*writer.Write(MakePicture(8, "b")), folder_ / "new" / "apple-2.png");
}

TEST_F(PictureWriterTest, WritesIntoThePresentFolderByDefault) {
  EXPECT_TRUE(PictureWriter("").Prepare().ok());
  EXPECT_TRUE(PictureWriter("apple.png").Prepare().ok());
}

TEST_F(PictureWriterTest, SaysBeforehandThatAFolderCannotBeMade) {
  std::filesystem::create_directories(folder_);
  ASSERT_TRUE(WriteFileAtomically(folder_ / "file", "").ok());
  const absl::Status status = PictureWriter((folder_ / "file" / "below").string()).Prepare();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr((folder_ / "file" / "below").string()));
}

TEST(PictureFileNameTest, CountsFromTwo) {
  EXPECT_EQ(PictureFileName("apple", 1), "apple.png");
  EXPECT_EQ(PictureFileName("apple", 2), "apple-2.png");
  EXPECT_EQ(PictureFileName("apple", 12), "apple-12.png");
}

}  // namespace
}  // namespace darkroom::cli
