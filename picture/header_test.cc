#include "picture/header.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::picture {
namespace {

using ::testing::HasSubstr;

std::string Big(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text.push_back(static_cast<char>(value >> shift));
  }
  return text;
}

std::string PngOf(std::uint32_t width, std::uint32_t height) {
  return std::string("\x89PNG\r\n\x1a\n", 8) + Big(13, 4) + "IHDR" + Big(width, 4) +
         Big(height, 4) + std::string("\x08\x02\0\0\0", 5) + Big(0, 4);
}

std::string JpegOf(std::uint32_t width, std::uint32_t height) {
  return "\xFF\xD8\xFF\xC0" + Big(11, 2) + "\x08" + Big(height, 2) + Big(width, 2) +
         std::string("\x01\x01\x11\0", 4) + "\xFF\xDA";
}

std::string Message(absl::string_view file) {
  return std::string(ReadHeader(file).status().message());
}

TEST(HeaderTest, TellsTheSizeBeforeAnythingIsDecoded) {
  const Header png = ReadHeader(PngOf(640, 480)).value();
  EXPECT_EQ(png.format, Format::kPng);
  EXPECT_EQ(png.width(), 640);
  EXPECT_EQ(png.height(), 480);
  const Header jpeg = ReadHeader(JpegOf(320, 200)).value();
  EXPECT_EQ(jpeg.format, Format::kJpeg);
  EXPECT_EQ(jpeg.width(), 320);
  EXPECT_EQ(jpeg.height(), 200);
}

TEST(HeaderTest, RefusesBombsByWhatTheySay) {
  EXPECT_THAT(Message(PngOf(65'535, 65'535)), HasSubstr("65535 x 65535 pixels; at most 16777216"));
  EXPECT_THAT(Message(PngOf(0xFFFFFFFF, 0xFFFFFFFF)), HasSubstr("at most 16777216"));
  EXPECT_THAT(Message(JpegOf(20'000, 10)), HasSubstr("16384 a side"));
  EXPECT_TRUE(ReadHeader(PngOf(4096, 4096)).ok());
  EXPECT_FALSE(ReadHeader(PngOf(4097, 4096)).ok());
  EXPECT_THAT(Message(PngOf(1600, 99)), HasSubstr("cut it first"));
  EXPECT_TRUE(ReadHeader(PngOf(1600, 100)).ok());
  EXPECT_THAT(Message(std::string(kMaxFileBytes + 1, 'x')), HasSubstr("bytes; at most 15728640"));
}

TEST(HeaderTest, RefusesWhatIsNoPicture) {
  const std::string neither = "is neither a PNG, a JPEG nor a WebP file";
  EXPECT_EQ(Message(""), neither);
  EXPECT_EQ(Message("GIF89a"), neither);
  EXPECT_EQ(Message("<svg/>"), neither);
  EXPECT_EQ(Message("RIFF\x10\0\0\0WAVE"), neither);
}

TEST(HeaderTest, RefusesFilesThatSayNoSize) {
  EXPECT_THAT(Message(PngOf(0, 5)), HasSubstr("does not say how large"));
  EXPECT_THAT(Message(JpegOf(5, 0)), HasSubstr("does not say how large"));
  EXPECT_THAT(Message("\xFF\xD8\xFF\xDA"), HasSubstr("does not say how large"));
  const std::string webp("RIFF\x10\0\0\0WEBPVP8Q\0\0\0\0", 20);
  EXPECT_THAT(Message(webp), HasSubstr("does not say how large"));
}

TEST(HeaderTest, ReadsEveryBeginningOfAFileWithoutGoingBeyondIt) {
  const std::string webp(
      "RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x0f\0\0\x07\0\0EXIF\xff\xff\xff\xffII*", 41);
  EXPECT_EQ(ReadHeader(webp).value().width(), 16);
  for (const std::string& file : {PngOf(8, 8), JpegOf(8, 8), webp}) {
    for (std::size_t size = 0; size < file.size(); ++size) {
      // Copied, so that a sanitizer sees a byte too many.
      const std::string beginning = file.substr(0, size);
      ReadHeader(beginning).status().IgnoreError();
    }
  }
}

}  // namespace
}  // namespace darkroom::picture
