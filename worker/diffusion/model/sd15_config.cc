#include "worker/diffusion/model/sd15_config.h"

namespace darkroom::diffusion {

ModelConfig Sd15Config() {
  ModelConfig config;
  config.text = {.vocab_size = 49408,
                 .hidden_size = 768,
                 .intermediate_size = 3072,
                 .num_hidden_layers = 12,
                 .num_attention_heads = 12};
  config.unet.sample_size = 64;
  config.unet.cross_attention_dim = 768;
  config.unet.layers_per_block = 2;
  config.unet.norm_num_groups = 32;
  config.unet.levels = {
      {.channels = 320, .heads = 8, .down_attention = true, .up_attention = true},
      {.channels = 640, .heads = 8, .down_attention = true, .up_attention = true},
      {.channels = 1280, .heads = 8, .down_attention = true, .up_attention = true},
      {.channels = 1280, .heads = 8, .down_attention = false, .up_attention = false},
  };
  config.vae.block_out_channels = {128, 256, 512, 512};
  config.vae.layers_per_block = 2;
  config.vae.norm_num_groups = 32;
  config.schedule = {
      .beta_start = 0.00085, .beta_end = 0.012, .beta_schedule = BetaSchedule::kScaledLinear};
  return config;
}

}  // namespace darkroom::diffusion
