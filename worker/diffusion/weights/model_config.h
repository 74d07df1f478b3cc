#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_MODEL_CONFIG_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_MODEL_CONFIG_H_

#include <array>
#include <optional>
#include <vector>

#include "tokenizer/tokenizer_config.h"

namespace darkroom::diffusion {

// What the config files of a model folder (diffusers layout) say, checked and typed. Defaults are
// those that diffusers and transformers use for an absent key.

enum class TextActivation { kQuickGelu, kGelu };

// text_encoder/config.json of a CLIPTextModel.
struct ClipTextConfig {
  int vocab_size = 0;
  int hidden_size = 0;
  int intermediate_size = 0;
  int num_hidden_layers = 0;
  int num_attention_heads = 0;
  int max_position_embeddings = 77;
  double layer_norm_eps = 1e-5;
  TextActivation activation = TextActivation::kQuickGelu;
};

// One resolution level of the UNet, from the finest.
struct UNetLevel {
  int channels = 0;
  int heads = 0;                // of attention, where the level has any
  bool down_attention = false;  // CrossAttnDownBlock2D rather than DownBlock2D
  bool up_attention = false;    // CrossAttnUpBlock2D rather than UpBlock2D
};

// unet/config.json of a UNet2DConditionModel. The middle block always has attention.
struct UNetConfig {
  int in_channels = 4;
  int out_channels = 4;
  int sample_size = 64;  // latent pixels of a side of the pictures it was trained on
  std::vector<UNetLevel> levels;
  int layers_per_block = 2;
  int cross_attention_dim = 0;
  int norm_num_groups = 32;
  double norm_eps = 1e-5;
  bool flip_sin_to_cos = true;
  double freq_shift = 0;
  bool use_linear_projection = false;  // projections of a transformer stored as [C, C], not as 1x1
};

// vae/config.json of an AutoencoderKL.
struct VaeConfig {
  int in_channels = 3;
  int out_channels = 3;
  int latent_channels = 4;
  std::vector<int> block_out_channels;  // from the finest level
  int layers_per_block = 1;
  int norm_num_groups = 32;
  double scaling_factor = 0.18215;

  // Picture pixels a latent pixel, each way.
  int scale() const { return 1 << (static_cast<int>(block_out_channels.size()) - 1); }
};

enum class BetaSchedule { kLinear, kScaledLinear };
enum class PredictionType { kEpsilon, kVPrediction };

// scheduler/scheduler_config.json: the noise levels that the model was trained on.
struct NoiseScheduleConfig {
  int num_train_timesteps = 1000;
  double beta_start = 0.0001;
  double beta_end = 0.02;
  BetaSchedule beta_schedule = BetaSchedule::kLinear;
  PredictionType prediction_type = PredictionType::kEpsilon;
  // Rescaled in training so that the last timestep is nothing but noise.
  bool zero_terminal_snr = false;
};

// preview.json: rgb[c] = bias[c] + sum over l of latent[l] * factors[l][c], in [-1, 1], where
// latents are scaled as the UNet sees them.
struct PreviewConfig {
  std::array<std::array<float, 3>, 4> latent_rgb_factors{};
  std::array<float, 3> latent_rgb_bias{};
};

struct ModelConfig {
  tokenizer::TokenizerConfig tokenizer;
  ClipTextConfig text;
  UNetConfig unet;
  VaeConfig vae;
  NoiseScheduleConfig schedule;
  std::optional<PreviewConfig> preview;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_MODEL_CONFIG_H_
