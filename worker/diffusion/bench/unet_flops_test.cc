#include "worker/diffusion/bench/unet_flops.h"

#include "gtest/gtest.h"
#include "worker/diffusion/model/sd15_config.h"

namespace darkroom::diffusion {
namespace {

TEST(UNetFlopsTest, StableDiffusionCostsWhatTorchCounts) {
  // torch.utils.flop_counter over diffusers' UNet2DConditionModel, one row of 512 x 512 pixels.
  const BatchKey key{.latent_height = 64, .latent_width = 64};
  EXPECT_NEAR(UNetFlops(Sd15Config().unet, key) / 1e9, 803.27, 2);
}

TEST(UNetFlopsTest, LongerPromptsCostMore) {
  const UNetConfig config = Sd15Config().unet;
  EXPECT_GT(UNetFlops(config, {.latent_height = 8, .latent_width = 8, .chunks = 2}),
            UNetFlops(config, {.latent_height = 8, .latent_width = 8, .chunks = 1}));
}

}  // namespace
}  // namespace darkroom::diffusion
