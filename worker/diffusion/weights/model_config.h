#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_MODEL_CONFIG_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_MODEL_CONFIG_H_

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "tokenizer/tokenizer_config.h"

namespace darkroom::diffusion {

// What the config files of a model folder (diffusers layout) say, checked and typed. Defaults are
// those that diffusers and transformers use for an absent key. published_configs.h has the configs
// of the families as they were published, for files that carry none.

// The architectures.
enum class ModelFamily { kSd1, kSd2, kSdxl, kSdxlRefiner };

// "sd1", "sd2", "sdxl", "sdxl-refiner".
absl::string_view FamilyName(ModelFamily family);

enum class TextActivation { kQuickGelu, kGelu };

// text_encoder/config.json of a CLIPTextModel or CLIPTextModelWithProjection.
struct ClipTextConfig {
  int vocab_size = 0;
  int hidden_size = 0;
  int intermediate_size = 0;
  int num_hidden_layers = 0;
  int num_attention_heads = 0;
  int max_position_embeddings = 77;
  double layer_norm_eps = 1e-5;
  TextActivation activation = TextActivation::kQuickGelu;
  // Size of the pooled vector that the weights' text_projection makes; 0: they have none.
  int projection_dim = 0;
};

// A text encoder, and what the UNet is given of it.
//
//                          layer_from_end  final_norm  obeys_clip_skip  projection_dim  pad_token
//   SD 1   CLIP-L                       1  yes         yes                           0  end of text
//   SD 2   OpenCLIP-H, 23 of 24         1  yes         no                            0  "!", id 0
//   SDXL   CLIP-L                       2  no          no                            0  end of text
//          OpenCLIP-bigG                2  no          no                         1280  "!", id 0
//   refiner: OpenCLIP-bigG alone        2  no          no                         1280  "!", id 0
//
// The defaults are those of SD 1.
struct TextEncoderConfig {
  ClipTextConfig clip;
  // Of several encoders all alike but for the pad_token.
  tokenizer::TokenizerConfig tokenizer;
  int layer_from_end = 1;       // whose output the UNet sees; 1: the last
  bool final_norm = true;       // is applied to that output
  bool obeys_clip_skip = true;  // a request's clip skip moves the layer
};

// One resolution level of the UNet, from the finest.
struct UNetLevel {
  int channels = 0;
  int heads = 0;                // of attention, where the level has any
  bool down_attention = false;  // CrossAttnDownBlock2D rather than DownBlock2D
  bool up_attention = false;    // CrossAttnUpBlock2D rather than UpBlock2D
  int transformer_layers = 1;   // of each of its transformers
};

// unet/config.json of a UNet2DConditionModel. The middle block always has attention, with the heads
// and the transformer_layers of the last level.
struct UNetConfig {
  int in_channels = 4;  // see UNetInputs
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
  // The vector that is added to the time embedding (addition_embed_type "text_time"): its size, 0
  // for none, and the size of the sinusoids of each number in it. In SDXL 2816 and 256.
  int projection_class_embeddings_input_dim = 0;
  int addition_time_embed_dim = 0;
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
  ModelFamily family = ModelFamily::kSd1;
  std::vector<TextEncoderConfig> text_encoders;  // one, or two in SDXL
  UNetConfig unet;
  VaeConfig vae;
  NoiseScheduleConfig schedule;
  std::optional<PreviewConfig> preview;
};

// The name of the part that has the weights of a text encoder: "text_encoder", or "text_encoder_2"
// for the second one of SDXL, which is the only one of its refiner.
absl::string_view TextEncoderPart(ModelFamily family, std::size_t encoder);

// The numbers beside the text that SDXL's added vector has sinusoids of: (height, width) of the
// original, (top, left) of the crop, and (height, width) of the target, or the refiner's aesthetic
// score. 0 in other families.
int AddedNumbers(ModelFamily family);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_MODEL_CONFIG_H_
