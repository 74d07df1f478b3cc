#include "worker/diffusion/memory_estimate.h"

#include <array>

#include "gtest/gtest.h"
#include "worker/diffusion/model/vae.h"
#include "worker/diffusion/weights/published_configs.h"

namespace darkroom::diffusion {
namespace {

constexpr std::int64_t kMiB = 1 << 20;
constexpr std::int64_t kGiB = 1024 * kMiB;

struct Measured {
  int width;
  int height;
  std::int64_t mebibytes;
};

void ExpectAboveByHalfAtMost(std::int64_t estimate, const Measured& measured) {
  EXPECT_GE(estimate, measured.mebibytes * kMiB) << measured.width << " x " << measured.height;
  EXPECT_LE(estimate, measured.mebibytes * kMiB * 3 / 2)
      << measured.width << " x " << measured.height;
}

// darkroom-bench --random=sd15 --memory=unet --max_rows=2
TEST(MemoryEstimateTest, AForwardTakesWhatWasMeasured) {
  for (const Measured& measured : std::array{Measured{256, 256, 128}, Measured{512, 512, 176}}) {
    const BatchKey key{.latent_height = measured.height / 8, .latent_width = measured.width / 8};
    ExpectAboveByHalfAtMost(UNetBytes(Sd15Config().unet, key, 2, 4), measured);
  }
}

// darkroom-bench --random=sdxl --width=1024 --size=1536, with --memory=unet --max_rows=2
// --dtype=bfloat16, and with --memory=decode
TEST(MemoryEstimateTest, ALargeSdxlPictureTakesWhatWasMeasured) {
  const ModelConfig sdxl = SdxlConfig();
  const BatchKey key{.latent_height = 192, .latent_width = 128};
  ExpectAboveByHalfAtMost(UNetBytes(sdxl.unet, key, 2, 2), {1024, 1536, 365});
  ExpectAboveByHalfAtMost(VaeBytes(sdxl.vae, 1024 * 1536, kVaeWholePixels), {1024, 1536, 1166});
}

// darkroom-bench --random=sd15 --memory=decode
TEST(MemoryEstimateTest, DecodingTakesWhatWasMeasured) {
  const VaeConfig vae = Sd15Config().vae;
  for (const Measured& measured : std::array{Measured{512, 512, 641}, Measured{1024, 1024, 2561}}) {
    const std::int64_t pixels = std::int64_t{measured.width} * measured.height;
    ExpectAboveByHalfAtMost(VaeBytes(vae, pixels, kVaeWholePixels), measured);
  }
  ExpectAboveByHalfAtMost(VaeBytes(vae, 512 * 512, 1), {512, 512, 519});
  ExpectAboveByHalfAtMost(VaeBytes(vae, 1024 * 1024, 1), {1024, 1024, 910});
}

TEST(MemoryEstimateTest, RowsAndPixelsTakeMoreAndHalfTheBytesLess) {
  const UNetConfig unet = SdxlConfig().unet;
  const BatchKey key{.latent_height = 128, .latent_width = 192};
  EXPECT_LT(UNetBytes(unet, key, 2, 4), UNetBytes(unet, key, 3, 4));
  EXPECT_LT(UNetBytes(unet, key, 2, 2), UNetBytes(unet, key, 2, 4));
  EXPECT_LT(UNetBytes(unet, key, 2, 4), UNetBytes(unet, {256, 192}, 2, 4));
  BatchKey tiled = key;
  tiled.tiling = true;
  EXPECT_LT(UNetBytes(unet, key, 2, 4), UNetBytes(unet, tiled, 2, 4)) << "convolutions copy";
}

TEST(MemoryEstimateTest, ALargeSdxlPictureFitsOrDoesNot) {
  const ModelConfig sdxl = SdxlConfig();
  constexpr std::int64_t kMost = 2048 * 2048;
  constexpr std::int64_t kPicture = 1024 * 1536;
  const auto pixels = [&](std::int64_t bytes, std::int64_t whole_pixels) {
    return PixelsWithin(sdxl, kMost, whole_pixels, 4, bytes);
  };
  EXPECT_GE(pixels(3 * kGiB, kVaeWholePixels), kPicture);
  EXPECT_LT(pixels(2 * kGiB, kVaeWholePixels), kPicture);
  EXPECT_GE(pixels(2 * kGiB, 512 * 512), kPicture);
  EXPECT_LT(pixels(1 * kGiB, 512 * 512), kPicture);
  EXPECT_EQ(pixels(64 * kGiB, kVaeWholePixels), kMost);
  EXPECT_EQ(pixels(0, kVaeWholePixels), 0);
}

TEST(MemoryEstimateTest, EverySizeUpToTheLimitFits) {
  const ModelConfig config = Sd15Config();
  constexpr std::int64_t kBudget = 2 * kGiB;
  // The largest whole pictures take more than somewhat larger ones in bands.
  const std::int64_t limit = PixelsWithin(config, 1 << 22, kVaeWholePixels, 4, kBudget);
  EXPECT_LT(limit, kVaeWholePixels);
  for (std::int64_t pixels = 64 * 64; pixels <= limit; pixels += 64 * 64) {
    EXPECT_LE(JobBytes(config, pixels, kVaeWholePixels, 4), kBudget) << pixels;
  }
}

}  // namespace
}  // namespace darkroom::diffusion
