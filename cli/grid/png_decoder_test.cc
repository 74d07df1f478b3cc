#include "cli/grid/png_decoder.h"

#include <gtest/gtest.h>

#include "worker/image/png_encoder.h"

namespace darkroom::cli {
namespace {

const RgbImage kImage{2, 2, {1, 2, 3, 4, 5, 6, 7, 8, 9, 250, 251, 252}};

TEST(PngDecoderTest, GivesThePixelsBack) {
  const auto decoded = DecodePng(worker::EncodePng(kImage, "text").value());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, kImage);
}

TEST(PngDecoderTest, RefusesDamagedFiles) {
  const std::string png = worker::EncodePng(kImage, "").value();
  EXPECT_TRUE(absl::IsDataLoss(DecodePng("").status()));
  EXPECT_TRUE(absl::IsDataLoss(DecodePng("not a picture").status()));
  EXPECT_TRUE(absl::IsDataLoss(DecodePng(png.substr(0, 50)).status()));
}

TEST(PngDecoderTest, RefusesSizesBeyondItsBoundBeforeItAllocates) {
  // An IHDR of 20,000 by 20,000 pixels, its checksum included.
  const std::string png(
      "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x4e\x20\0\0\x4e\x20\x08\x02\0\0\0\x6c\x12\xd1\x6e"
      "\0\0\0\0IDAT\x35\xaf\x06\x1e",
      45);
  EXPECT_TRUE(absl::IsResourceExhausted(DecodePng(png).status())) << DecodePng(png).status();
}

}  // namespace
}  // namespace darkroom::cli
