#include "worker/diffusion/weights/published_configs.h"

#include <utility>

namespace darkroom::diffusion {
namespace {

// The token of id 0, which OpenCLIP pads with.
constexpr char kOpenClipPad[] = "!";

ClipTextConfig ClipL() {
  return {.vocab_size = 49408,
          .hidden_size = 768,
          .intermediate_size = 3072,
          .num_hidden_layers = 12,
          .num_attention_heads = 12};
}

ClipTextConfig OpenClip(int size, int layers, int projection) {
  constexpr int kHeadSize = 64;
  return {.vocab_size = 49408,
          .hidden_size = size,
          .intermediate_size = 4 * size,
          .num_hidden_layers = layers,
          .num_attention_heads = size / kHeadSize,
          .activation = TextActivation::kGelu,
          .projection_dim = projection};
}

TextEncoderConfig OpenClipBigG() {
  TextEncoderConfig encoder{.clip = OpenClip(1280, 32, 1280),
                            .tokenizer = {},
                            .layer_from_end = 2,
                            .final_norm = false,
                            .obeys_clip_skip = false};
  encoder.tokenizer.pad_token = kOpenClipPad;
  return encoder;
}

VaeConfig Vae(double scaling_factor) {
  VaeConfig vae;
  vae.block_out_channels = {128, 256, 512, 512};
  vae.layers_per_block = 2;
  vae.scaling_factor = scaling_factor;
  return vae;
}

NoiseScheduleConfig Schedule(PredictionType prediction) {
  return {.beta_start = 0.00085,
          .beta_end = 0.012,
          .beta_schedule = BetaSchedule::kScaledLinear,
          .prediction_type = prediction};
}

// The UNet of SD 1 and 2 but for its heads.
UNetConfig FourLevels(std::vector<int> heads) {
  UNetConfig unet;
  unet.levels = {
      {.channels = 320, .heads = heads[0], .down_attention = true, .up_attention = true},
      {.channels = 640, .heads = heads[1], .down_attention = true, .up_attention = true},
      {.channels = 1280, .heads = heads[2], .down_attention = true, .up_attention = true},
      {.channels = 1280, .heads = heads[3], .down_attention = false, .up_attention = false},
  };
  return unet;
}

}  // namespace

ModelConfig Sd15Config() {
  ModelConfig config;
  config.family = ModelFamily::kSd1;
  config.text_encoders.push_back({.clip = ClipL(), .tokenizer = {}});
  config.unet = FourLevels({8, 8, 8, 8});
  config.unet.sample_size = 64;
  config.unet.cross_attention_dim = 768;
  config.vae = Vae(0.18215);
  config.schedule = Schedule(PredictionType::kEpsilon);
  return config;
}

ModelConfig Sd21Config() {
  ModelConfig config;
  config.family = ModelFamily::kSd2;
  TextEncoderConfig encoder{
      .clip = OpenClip(1024, 23, 0), .tokenizer = {}, .obeys_clip_skip = false};
  encoder.tokenizer.pad_token = kOpenClipPad;
  config.text_encoders.push_back(std::move(encoder));
  config.unet = FourLevels({5, 10, 20, 20});
  config.unet.sample_size = 96;
  config.unet.cross_attention_dim = 1024;
  config.unet.use_linear_projection = true;
  config.vae = Vae(0.18215);
  config.schedule = Schedule(PredictionType::kVPrediction);
  return config;
}

ModelConfig SdxlConfig() {
  ModelConfig config;
  config.family = ModelFamily::kSdxl;
  config.text_encoders.push_back({.clip = ClipL(),
                                  .tokenizer = {},
                                  .layer_from_end = 2,
                                  .final_norm = false,
                                  .obeys_clip_skip = false});
  config.text_encoders.push_back(OpenClipBigG());
  config.unet.levels = {
      {.channels = 320, .heads = 5},
      {.channels = 640,
       .heads = 10,
       .down_attention = true,
       .up_attention = true,
       .transformer_layers = 2},
      {.channels = 1280,
       .heads = 20,
       .down_attention = true,
       .up_attention = true,
       .transformer_layers = 10},
  };
  config.unet.sample_size = 128;
  config.unet.cross_attention_dim = 768 + 1280;
  config.unet.use_linear_projection = true;
  config.unet.projection_class_embeddings_input_dim = 1280 + 6 * 256;
  config.unet.addition_time_embed_dim = 256;
  config.vae = Vae(0.13025);
  config.schedule = Schedule(PredictionType::kEpsilon);
  return config;
}

ModelConfig SdxlRefinerConfig() {
  ModelConfig config;
  config.family = ModelFamily::kSdxlRefiner;
  config.text_encoders.push_back(OpenClipBigG());
  constexpr int kDepth = 4;
  config.unet.levels = {
      {.channels = 384, .heads = 6},
      {.channels = 768,
       .heads = 12,
       .down_attention = true,
       .up_attention = true,
       .transformer_layers = kDepth},
      {.channels = 1536,
       .heads = 24,
       .down_attention = true,
       .up_attention = true,
       .transformer_layers = kDepth},
      {.channels = 1536, .heads = 24, .transformer_layers = kDepth},
  };
  config.unet.sample_size = 128;
  config.unet.cross_attention_dim = 1280;
  config.unet.use_linear_projection = true;
  config.unet.projection_class_embeddings_input_dim = 1280 + 5 * 256;
  config.unet.addition_time_embed_dim = 256;
  config.vae = Vae(0.13025);
  config.schedule = Schedule(PredictionType::kEpsilon);
  return config;
}

}  // namespace darkroom::diffusion
