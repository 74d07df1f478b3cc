#include "cli/picture_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "worker/image/png_encoder.h"

namespace darkroom::cli {
namespace {

using ::testing::HasSubstr;

std::string Png(absl::string_view text) {
  return worker::EncodePng({1, 1, {1, 2, 3}}, text).value();
}

std::string Error(std::string content) {
  return std::string(ExtractPictureText("it", std::move(content)).status().message());
}

TEST(PictureTextTest, FindsTheTextOfAPng) {
  const auto text = ExtractPictureText("it", Png("яблоко\nSteps: 5"));
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text, "яблоко\nSteps: 5");
}

TEST(PictureTextTest, TakesATextFileAsItIs) {
  EXPECT_EQ(ExtractPictureText("it", "a boat\nSteps: 5\n").value(), "a boat\nSteps: 5\n");
}

TEST(PictureTextTest, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(Error(Png("")), "it: the PNG file has no parameters");
  EXPECT_EQ(Error(Png("a boat").substr(0, 40)), "it: the PNG file is cut off");
  EXPECT_EQ(Error(" \n"), "it holds no generation parameters");
  EXPECT_THAT(Error("\xff\xd8\xff\xe0"), HasSubstr("it is neither a PNG picture nor a text file"));
  EXPECT_THAT(Error(std::string("a\0b", 3)), HasSubstr("neither"));
  EXPECT_THAT(Error(std::string(kMaxInfotextBytes + 1, 'x')), HasSubstr("more than the 65536"));
  EXPECT_THAT(Error(Png(std::string(kMaxInfotextBytes + 1, 'x'))),
              HasSubstr("more than the 65536"));
}

TEST(PictureTextTest, ReadsFiles) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / absl::StrCat("picture-text-", RandomId());
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "boat.txt") << "a boat";
  EXPECT_EQ(ReadPictureText(folder / "boat.txt").value(), "a boat");
  EXPECT_TRUE(absl::IsNotFound(ReadPictureText(folder / "ship.png").status()));
  EXPECT_THAT(std::string(ReadPictureText(folder).status().message()),
              HasSubstr("is a folder, not a picture"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace darkroom::cli
