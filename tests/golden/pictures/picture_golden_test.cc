// Compares pictures that are decoded and brought to size, bit for bit, with what AUTOMATIC1111
// makes of the same files; make_picture_goldens.py makes both.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/sha256.h"
#include "gtest/gtest.h"
#include "picture/decode.h"
#include "picture/header.h"
#include "picture/resize.h"
#include "picture/upscale.h"

namespace darkroom::picture {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;

struct Expectation {
  std::string kind;
  std::string file;
  int width = 0;
  int height = 0;
  std::string digest;
};

std::string ReadGolden(const std::string& name) {
  return ReadFile(absl::StrCat("tests/golden/pictures/", name), kMaxBytes).value();
}

std::vector<Expectation> Expectations() {
  std::vector<Expectation> expectations;
  const std::string text = ReadGolden("expected.txt");
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    Expectation expectation{.kind = words.at(0), .file = words.at(1), .digest = words.at(4)};
    EXPECT_TRUE(absl::SimpleAtoi(words[2], &expectation.width));
    EXPECT_TRUE(absl::SimpleAtoi(words[3], &expectation.height));
    expectations.push_back(std::move(expectation));
  }
  return expectations;
}

std::string DigestOf(const RgbImage& image) {
  return Sha256Hex({reinterpret_cast<const char*>(image.pixels.data()), image.pixels.size()});
}

TEST(PictureGoldenTest, FilesOfEveryKindAreDecodedAsTheReferenceDoes) {
  int files = 0;
  for (const Expectation& expected : Expectations()) {
    if (expected.kind != "decode") continue;
    ++files;
    const std::string file = ReadGolden(expected.file);
    const absl::StatusOr<Header> header = ReadHeader(file);
    ASSERT_TRUE(header.ok()) << expected.file << " " << header.status();
    EXPECT_EQ(header->width(), expected.width) << expected.file;
    EXPECT_EQ(header->height(), expected.height) << expected.file;
    const absl::StatusOr<RgbImage> image = DecodePicture(file);
    ASSERT_TRUE(image.ok()) << expected.file << " " << image.status();
    EXPECT_EQ(image->width, expected.width) << expected.file;
    EXPECT_EQ(image->height, expected.height) << expected.file;
    EXPECT_EQ(DigestOf(*image), expected.digest) << expected.file;
  }
  EXPECT_GE(files, 20);
}

// Every byte of every file, one at a time: what is not refused is a picture of the size that the
// header says. A sanitizer sees the rest.
TEST(PictureGoldenTest, DamagedFilesAreRefusedOrDecodedAsTheirHeadersSay) {
  int refused = 0;
  int decoded = 0;
  for (const Expectation& expected : Expectations()) {
    if (expected.kind != "decode") continue;
    const std::string file = ReadGolden(expected.file);
    for (std::size_t at = 0; at < file.size(); ++at) {
      std::string damaged = file;
      damaged[at] = static_cast<char>(damaged[at] ^ ((1 << at % 8) | 0x10));
      const absl::StatusOr<Header> header = ReadHeader(damaged);
      if (header.ok() && std::int64_t{header->width()} * header->height() > 1 << 20) continue;
      const absl::StatusOr<RgbImage> image = DecodePicture(damaged);
      ++(image.ok() ? decoded : refused);
      if (!image.ok()) continue;
      ASSERT_TRUE(header.ok());
      EXPECT_EQ(image->width, header->width()) << expected.file << " " << at;
      EXPECT_EQ(image->height, header->height()) << expected.file << " " << at;
    }
  }
  EXPECT_GT(refused, 1000);
  EXPECT_GT(decoded, 100) << "JPEG has no checksums";
}

TEST(PictureGoldenTest, PicturesAreBroughtToSizeAsTheReferenceDoes) {
  const std::map<std::string, ResizeMode> modes = {
      {"stretch", ResizeMode::kStretch}, {"crop", ResizeMode::kCrop}, {"fill", ResizeMode::kFill}};
  int pictures = 0;
  for (const Expectation& expected : Expectations()) {
    const auto mode = modes.find(expected.kind);
    if (mode == modes.end()) continue;
    ++pictures;
    const RgbImage image = DecodePicture(ReadGolden(expected.file)).value();
    const RgbImage resized = Resize(image, mode->second, expected.width, expected.height);
    EXPECT_EQ(DigestOf(resized), expected.digest)
        << expected.kind << " to " << expected.width << " x " << expected.height;
  }
  EXPECT_GE(pictures, 18);
}

TEST(PictureGoldenTest, PicturesAreUpscaledAsTheReferenceDoes) {
  const std::map<std::string, Upscaler> upscalers = {
      {"None", Upscaler::kNone}, {"Lanczos", Upscaler::kLanczos}, {"Nearest", Upscaler::kNearest}};
  int pictures = 0;
  for (const Expectation& expected : Expectations()) {
    const auto upscaler = upscalers.find(expected.kind);
    if (upscaler == upscalers.end()) continue;
    ++pictures;
    const RgbImage image = DecodePicture(ReadGolden(expected.file)).value();
    const RgbImage larger = Upscale(image, upscaler->second, expected.width, expected.height);
    EXPECT_EQ(DigestOf(larger), expected.digest)
        << expected.kind << " to " << expected.width << " x " << expected.height;
  }
  EXPECT_GE(pictures, 27);
}

}  // namespace
}  // namespace darkroom::picture
