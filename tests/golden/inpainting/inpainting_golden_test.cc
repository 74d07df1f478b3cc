// Compares what is made of a picture and its mask, before and after something is made of them, bit
// for bit with AUTOMATIC1111's inpainting; make_inpainting_goldens.py makes the data.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/sha256.h"
#include "gtest/gtest.h"
#include "picture/decode.h"
#include "picture/inpainting.h"

namespace darkroom::picture {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;
constexpr int kLatentScale = 8;

std::string ReadGolden(const std::string& name) {
  return ReadFile(absl::StrCat("tests/golden/inpainting/", name), kMaxBytes).value();
}

int Number(const std::string& text) {
  int number = 0;
  EXPECT_TRUE(absl::SimpleAtoi(text, &number)) << text;
  return number;
}

std::string DigestOf(const std::vector<std::uint8_t>& bytes) {
  return Sha256Hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

RgbImage Negative(RgbImage image) {
  for (std::uint8_t& value : image.pixels) value = static_cast<std::uint8_t>(255 - value);
  return image;
}

// Rounded, as it is before it meets a latent.
GreyImage LatentMask(const GreyImage& mask, int width, int height) {
  GreyImage latent = ReduceMask(mask, width, height);
  for (std::uint8_t& value : latent.pixels) value = value >= 128 ? 1 : 0;
  return latent;
}

TEST(InpaintingGoldenTest, EveryPictureAndMaskIsAutomatic1111s) {
  const std::map<std::string, ResizeMode> modes = {
      {"stretch", ResizeMode::kStretch}, {"crop", ResizeMode::kCrop}, {"fill", ResizeMode::kFill}};
  const RgbImage picture = DecodePicture(ReadGolden("picture.png")).value();
  int cases = 0;
  const std::string expected = ReadGolden("expected.txt");
  for (absl::string_view line : absl::StrSplit(expected, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    MaskOptions options{
        .blur = Number(words.at(1)), .inverted = words[2] == "1", .fills = words[3] == "1"};
    if (const int padding = Number(words[4]); padding >= 0) options.padding = padding;
    const int width = Number(words[6]);
    const int height = Number(words[7]);
    const GreyImage mask = DecodeMask(ReadGolden(words[0])).value();
    const std::optional<InpaintingStart> start =
        BeginInpainting(picture, mask, options, modes.at(words[5]), width, height);
    ASSERT_TRUE(start.has_value()) << line;
    const GreyImage latent = LatentMask(start->mask, width / kLatentScale, height / kLatentScale);
    EXPECT_EQ(DigestOf(start->mask.pixels), words.at(9)) << "mask: " << line;
    EXPECT_EQ(DigestOf(start->picture.pixels), words.at(8)) << "picture: " << line;
    EXPECT_EQ(DigestOf(latent.pixels), words.at(10)) << "mask of the latent: " << line;
    EXPECT_EQ(DigestOf(start->overlay.picture.pixels), words.at(11)) << "overlay: " << line;
    const RgbImage result = ApplyOverlay(start->overlay, Negative(start->picture));
    EXPECT_EQ(DigestOf(result.pixels), words.at(12)) << "result: " << line;
    ++cases;
  }
  EXPECT_GE(cases, 19);
}

}  // namespace
}  // namespace darkroom::picture
