#include "worker/diffusion/bench/unet_flops.h"

#include "gtest/gtest.h"
#include "worker/diffusion/weights/published_configs.h"

namespace darkroom::diffusion {
namespace {

// torch.utils.flop_counter over diffusers' UNet2DConditionModel, one row of the published size.
TEST(UNetFlopsTest, EveryFamilyCostsWhatTorchCounts) {
  const auto billions = [](const ModelConfig& config) {
    const int side = config.unet.sample_size;
    return UNetFlops(config.unet, {.latent_height = side, .latent_width = side}) / 1e9;
  };
  EXPECT_NEAR(billions(Sd15Config()), 803.27, 2);
  EXPECT_NEAR(billions(Sd21Config()), 2149.11, 5);
  EXPECT_NEAR(billions(SdxlConfig()), 6761.24, 15);
  EXPECT_NEAR(billions(SdxlRefinerConfig()), 7286.01, 15);
}

TEST(UNetFlopsTest, LongerPromptsCostMore) {
  const UNetConfig config = Sd15Config().unet;
  EXPECT_GT(UNetFlops(config, {.latent_height = 8, .latent_width = 8, .chunks = 2}),
            UNetFlops(config, {.latent_height = 8, .latent_width = 8, .chunks = 1}));
}

}  // namespace
}  // namespace darkroom::diffusion
