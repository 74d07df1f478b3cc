#include "worker/diffusion/weights/part_configs.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "worker/diffusion/weights/config_bounds.h"
#include "worker/diffusion/weights/config_reader.h"

namespace darkroom::diffusion {
namespace {

// As config_bounds.h.
constexpr int kMaxChannels = 1 << 14;
constexpr int kMaxVocabulary = 1 << 20;
constexpr int kRequired = -1;  // below every minimum: the key may not be absent

// Features of UNet2DConditionModel that models of other families use. upcast_attention is not
// asked: attention sums in float32 in any case.
void RefuseUNetFeatures(ConfigReader* reader) {
  for (const char* key :
       {"class_embed_type", "cross_attention_norm", "encoder_hid_dim", "encoder_hid_dim_type",
        "num_class_embeds", "time_cond_proj_dim", "time_embedding_act_fn", "time_embedding_dim",
        "timestep_post_act", "reverse_transformer_layers_per_block"}) {
    reader->ExpectNull(key);
  }
  for (const char* key :
       {"center_input_sample", "class_embeddings_concat", "dual_cross_attention",
        "only_cross_attention", "mid_block_only_cross_attention", "resnet_skip_time_act"}) {
    reader->ExpectBool(key, false);
  }
  for (const char* key :
       {"downsample_padding", "mid_block_scale_factor", "resnet_out_scale_factor"}) {
    reader->ExpectNumber(key, 1.0);
  }
  reader->ExpectNumber("conv_in_kernel", 3.0);
  reader->ExpectNumber("conv_out_kernel", 3.0);
  reader->ExpectString("act_fn", "silu");
  reader->ExpectString("attention_type", "default");
  reader->ExpectString("mid_block_type", "UNetMidBlock2DCrossAttn");
  reader->ExpectString("resnet_time_scale_shift", "default");
  reader->ExpectString("time_embedding_type", "positional");
}

// `blocks` in the order of the config; one flag a block: has attention.
std::vector<bool> ReadBlockTypes(ConfigReader* reader, absl::string_view key, std::size_t count,
                                 absl::string_view plain, absl::string_view attention) {
  const std::vector<std::string> types = reader->Strings(key, kMaxLevels);
  if (types.size() != count) reader->Fail(key, "has not one entry for each of block_out_channels");
  std::vector<bool> flags(count);
  for (std::size_t i = 0; i < std::min(count, types.size()); ++i) {
    flags[i] = types[i] == attention;
    if (!flags[i] && types[i] != plain) {
      reader->Fail(key, absl::StrCat("has '", types[i], "'; supported: ", plain,
                                     attention.empty() ? "" : " and ", attention));
    }
  }
  return flags;
}

// A number for all levels, or one for each.
std::vector<int> ReadByLevel(ConfigReader* reader, absl::string_view key, std::size_t levels,
                             int fallback, int max) {
  if (!reader->IsArray(key)) {
    return std::vector<int>(levels, reader->Int(key, fallback, 1, max));
  }
  std::vector<int> numbers = reader->Ints(key, kMaxLevels, 1, max);
  if (numbers.size() != levels) {
    reader->Fail(key, "has not one entry for each of block_out_channels");
    numbers.resize(levels, 1);
  }
  return numbers;
}

void ReadLevels(ConfigReader* reader, UNetConfig* config) {
  const std::vector<int> channels = reader->Ints("block_out_channels", kMaxLevels, 2, kMaxChannels);
  const std::size_t count = channels.size();
  // diffusers' attention_head_dim of this model has always meant the number of heads.
  const char* heads_key =
      reader->Has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
  const std::vector<int> heads = ReadByLevel(reader, heads_key, count, 8, kMaxChannels);
  const std::vector<int> layers =
      ReadByLevel(reader, "transformer_layers_per_block", count, 1, kMaxLayers);
  const std::vector<bool> down =
      ReadBlockTypes(reader, "down_block_types", count, "DownBlock2D", "CrossAttnDownBlock2D");
  const std::vector<bool> up =
      ReadBlockTypes(reader, "up_block_types", count, "UpBlock2D", "CrossAttnUpBlock2D");
  for (std::size_t i = 0; i < count; ++i) {
    config->levels.push_back({.channels = channels[i],
                              .heads = heads[i],
                              .down_attention = down[i],
                              .up_attention = up[count - 1 - i],
                              .transformer_layers = layers[i]});
    if (channels[i] % config->norm_num_groups != 0) {
      reader->Fail("norm_num_groups", "does not divide block_out_channels");
    }
    if (channels[i] % heads[i] != 0) {
      reader->Fail(heads_key, "does not divide block_out_channels");
    }
  }
}

void ReadAddedVector(ConfigReader* reader, UNetConfig* config) {
  if (!reader->Has("addition_embed_type")) return;
  reader->ExpectString("addition_embed_type", "text_time");
  config->addition_time_embed_dim =
      reader->Int("addition_time_embed_dim", kRequired, 2, kMaxChannels);
  config->projection_class_embeddings_input_dim =
      reader->Int("projection_class_embeddings_input_dim", kRequired, 1, kMaxChannels);
}

}  // namespace

absl::StatusOr<ClipTextConfig> ReadClipTextConfig(const std::filesystem::path& path,
                                                  bool projection) {
  DARKROOM_ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Open(path));
  ClipTextConfig config;
  config.vocab_size = reader.Int("vocab_size", kRequired, 3, kMaxVocabulary);
  config.hidden_size = reader.Int("hidden_size", kRequired, 1, kMaxChannels);
  config.intermediate_size = reader.Int("intermediate_size", kRequired, 1, kMaxChannels * 4);
  config.num_hidden_layers = reader.Int("num_hidden_layers", kRequired, 1, kMaxLayers);
  config.num_attention_heads = reader.Int("num_attention_heads", kRequired, 1, kMaxChannels);
  reader.ExpectNumber("max_position_embeddings",
                      static_cast<double>(config.max_position_embeddings));
  config.layer_norm_eps = reader.Double("layer_norm_eps", 1e-5, 0, 1);
  const std::size_t activation = reader.Choice("hidden_act", "quick_gelu", {"quick_gelu", "gelu"});
  config.activation = activation == 0 ? TextActivation::kQuickGelu : TextActivation::kGelu;
  if (projection) config.projection_dim = reader.Int("projection_dim", 512, 1, kMaxChannels);
  if (reader.status().ok() && config.hidden_size % config.num_attention_heads != 0) {
    reader.Fail("num_attention_heads", "does not divide hidden_size");
  }
  DARKROOM_RETURN_IF_ERROR(reader.status());
  return config;
}

absl::StatusOr<UNetConfig> ReadUNetConfig(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Open(path));
  RefuseUNetFeatures(&reader);
  UNetConfig config;
  config.in_channels = reader.Int("in_channels", 4, 1, 64);
  config.out_channels = reader.Int("out_channels", 4, 1, 64);
  config.sample_size = reader.Int("sample_size", kRequired, 1, 1024);
  config.layers_per_block = reader.Int("layers_per_block", 2, 1, kMaxLayers);
  config.cross_attention_dim = reader.Int("cross_attention_dim", kRequired, 1, kMaxChannels);
  config.norm_num_groups = reader.Int("norm_num_groups", 32, 1, kMaxChannels);
  config.norm_eps = reader.Double("norm_eps", 1e-5, 0, 1);
  config.flip_sin_to_cos = reader.Bool("flip_sin_to_cos", true);
  config.freq_shift = reader.Double("freq_shift", 0, 0, 1);
  config.use_linear_projection = reader.Bool("use_linear_projection", false);
  ReadLevels(&reader, &config);
  ReadAddedVector(&reader, &config);
  DARKROOM_RETURN_IF_ERROR(reader.status());
  return config;
}

absl::StatusOr<VaeConfig> ReadVaeConfig(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Open(path));
  for (const char* key : {"shift_factor", "latents_mean", "latents_std"}) reader.ExpectNull(key);
  for (const char* key : {"use_quant_conv", "use_post_quant_conv", "mid_block_add_attention"}) {
    reader.ExpectBool(key, true);
  }
  reader.ExpectString("act_fn", "silu");
  VaeConfig config;
  config.in_channels = reader.Int("in_channels", 3, 3, 3);
  config.out_channels = reader.Int("out_channels", 3, 3, 3);
  config.latent_channels = reader.Int("latent_channels", 4, 1, 64);
  config.layers_per_block = reader.Int("layers_per_block", 1, 1, kMaxLayers);
  config.norm_num_groups = reader.Int("norm_num_groups", 32, 1, kMaxChannels);
  config.scaling_factor = reader.Double("scaling_factor", config.scaling_factor, 1e-6, 1e6);
  config.block_out_channels = reader.Ints("block_out_channels", kMaxLevels, 1, kMaxChannels);
  const std::size_t count = config.block_out_channels.size();
  ReadBlockTypes(&reader, "down_block_types", count, "DownEncoderBlock2D", "");
  ReadBlockTypes(&reader, "up_block_types", count, "UpDecoderBlock2D", "");
  for (const int channels : config.block_out_channels) {
    if (channels % config.norm_num_groups != 0) {
      reader.Fail("norm_num_groups", "does not divide block_out_channels");
    }
  }
  DARKROOM_RETURN_IF_ERROR(reader.status());
  return config;
}

absl::StatusOr<NoiseScheduleConfig> ReadNoiseScheduleConfig(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Open(path));
  reader.ExpectNull("trained_betas");
  NoiseScheduleConfig config;
  config.num_train_timesteps = reader.Int("num_train_timesteps", 1000, 2, 100'000);
  config.beta_start = reader.Double("beta_start", config.beta_start, 1e-9, 0.999);
  config.beta_end = reader.Double("beta_end", config.beta_end, 1e-9, 0.999);
  config.beta_schedule = reader.Choice("beta_schedule", "linear", {"linear", "scaled_linear"}) == 0
                             ? BetaSchedule::kLinear
                             : BetaSchedule::kScaledLinear;
  config.prediction_type =
      reader.Choice("prediction_type", "epsilon", {"epsilon", "v_prediction"}) == 0
          ? PredictionType::kEpsilon
          : PredictionType::kVPrediction;
  config.zero_terminal_snr = reader.Bool("rescale_betas_zero_snr", false);
  DARKROOM_RETURN_IF_ERROR(reader.status());
  return config;
}

}  // namespace darkroom::diffusion
