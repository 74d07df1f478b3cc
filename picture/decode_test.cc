#include "picture/decode.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "picture/pixels.h"
#include "worker/image/jpeg_encoder.h"
#include "worker/image/png_encoder.h"

namespace darkroom::picture {
namespace {

using ::testing::HasSubstr;

RgbImage Gradient(int width, int height) {
  RgbImage image{.width = width, .height = height, .pixels = {}};
  for (int i = 0; i < 3 * width * height; ++i) {
    image.pixels.push_back(static_cast<std::uint8_t>(i * 7));
  }
  return image;
}

std::string Png(const RgbImage& image) { return worker::EncodePng(image, "").value(); }

TEST(DecodePictureTest, GivesBackWhatWasEncoded) {
  const RgbImage image = Gradient(19, 7);
  EXPECT_EQ(DecodePicture(Png(image)).value(), image);
}

TEST(DecodePictureTest, RefusesFilesThatAreCutOffAnywhere) {
  const RgbImage image = Gradient(16, 16);
  for (const std::string& file : {Png(image), worker::EncodePreview(image).value()}) {
    for (std::size_t size = 0; size + 1 < file.size(); ++size) {
      const std::string beginning = file.substr(0, size);
      // A JPEG without its last marker has all its pixels.
      if (file[0] == '\xFF' && size + 2 >= file.size()) continue;
      EXPECT_FALSE(DecodePicture(beginning).ok()) << size << " of " << file.size();
    }
  }
}

TEST(DecodePictureTest, RefusesAFileThatIsDamagedInTheMiddle) {
  std::string file = Png(Gradient(64, 64));
  file[file.size() / 2] = static_cast<char>(file[file.size() / 2] ^ 0x55);
  EXPECT_THAT(std::string(DecodePicture(file).status().message()), HasSubstr("is damaged"));
}

TEST(DecodePictureTest, RefusesAHeaderThatLies) {
  std::string larger = Png(Gradient(8, 8));
  larger[19] = 16;  // the width's last byte; the checksum no longer agrees
  EXPECT_FALSE(DecodePicture(larger).ok());
  std::string jpeg = worker::EncodePreview(Gradient(16, 16)).value();
  const std::size_t frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  jpeg[frame + 5] = 2;  // the height's first byte: 528 rows
  EXPECT_FALSE(DecodePicture(jpeg).ok());
}

TEST(FlattenTest, LaysWhatIsTransparentOverWhite) {
  const RgbaImage rgba{
      .width = 3, .height = 1, .pixels = {10, 20, 30, 255, 10, 20, 30, 0, 0, 0, 0, 128}};
  EXPECT_THAT(FlattenOnWhite(rgba).pixels,
              ::testing::ElementsAre(10, 20, 30, 255, 255, 255, 127, 127, 127));
}

TEST(ToMaskTest, AnOpaquePictureIsAMaskByItsBrightness) {
  const RgbaImage rgba{
      .width = 3, .height = 1, .pixels = {255, 255, 255, 255, 0, 0, 0, 255, 255, 0, 0, 255}};
  EXPECT_THAT(ToMask(rgba).pixels, ::testing::ElementsAre(255, 0, 76));
}

TEST(ToMaskTest, APictureThatIsPartlyTransparentIsAMaskByItsAlpha) {
  const RgbaImage rgba{
      .width = 3, .height = 1, .pixels = {0, 0, 0, 255, 255, 255, 255, 128, 255, 255, 255, 129}};
  EXPECT_THAT(ToMask(rgba).pixels, ::testing::ElementsAre(255, 0, 255));
}

}  // namespace
}  // namespace darkroom::picture
