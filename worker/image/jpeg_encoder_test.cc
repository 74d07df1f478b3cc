#include "worker/image/jpeg_encoder.h"

// jpeglib.h needs FILE and size_t declared before it.
// clang-format off
#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>
// clang-format on

#include <cstdint>

#include "gtest/gtest.h"
#include "worker/image/noise_picture.h"

namespace darkroom::worker {
namespace {

// Errors of the decoder end the test program through libjpeg's own handler.
RgbImage Decode(const std::string& jpeg) {
  jpeg_decompress_struct codec;
  jpeg_error_mgr errors;
  codec.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&codec);
  jpeg_mem_src(&codec, reinterpret_cast<const unsigned char*>(jpeg.data()), jpeg.size());
  jpeg_read_header(&codec, TRUE);
  jpeg_start_decompress(&codec);
  RgbImage image{static_cast<int>(codec.output_width), static_cast<int>(codec.output_height), {}};
  const std::size_t stride = static_cast<std::size_t>(image.width) * 3;
  image.pixels.resize(stride * image.height);
  while (codec.output_scanline < codec.output_height) {
    JSAMPROW row = image.pixels.data() + codec.output_scanline * stride;
    jpeg_read_scanlines(&codec, &row, 1);
  }
  jpeg_finish_decompress(&codec);
  jpeg_destroy_decompress(&codec);
  return image;
}

TEST(JpegEncoder, KeepsAPlainPicture) {
  RgbImage image{48, 32, {}};
  for (int i = 0; i < 48 * 32; ++i) image.pixels.insert(image.pixels.end(), {200, 40, 90});
  const absl::StatusOr<std::string> jpeg = EncodePreview(image);
  ASSERT_TRUE(jpeg.ok()) << jpeg.status();
  const RgbImage decoded = Decode(*jpeg);
  ASSERT_EQ(decoded.width, 48);
  ASSERT_EQ(decoded.height, 32);
  for (std::size_t i = 0; i < decoded.pixels.size(); ++i) {
    ASSERT_NEAR(decoded.pixels[i], image.pixels[i], 4) << i;
  }
}

TEST(JpegEncoder, LowersTheQualityBeforeTheSize) {
  const RgbImage image = NoisePicture(96, 96);
  const std::string best = EncodePreview(image).value();
  const std::string worse = EncodePreview(image, best.size() - 1).value();
  EXPECT_LT(worse.size(), best.size());
  EXPECT_EQ(Decode(worse).width, 96);
}

TEST(JpegEncoder, HalvesAPictureThatStaysTooLarge) {
  const std::string jpeg = EncodePreview(NoisePicture(511, 512)).value();
  EXPECT_LE(jpeg.size(), kMaxPreviewBytes);
  const RgbImage decoded = Decode(jpeg);
  EXPECT_TRUE(decoded.width == 256 || decoded.width == 128) << decoded.width;
  EXPECT_EQ(decoded.height, decoded.width);
}

TEST(JpegEncoder, RefusesWhatCannotBeDone) {
  EXPECT_EQ(EncodePreview(RgbImage{}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(EncodePreview(RgbImage{2, 2, {1, 2, 3}}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(EncodePreview(NoisePicture(8, 8), 10).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace darkroom::worker
