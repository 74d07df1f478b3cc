#include "worker/diffusion/weights/checkpoint_config.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/weights/config_bounds.h"
#include "worker/diffusion/weights/published_configs.h"
#include "worker/diffusion/weights/tensor_spread.h"

namespace darkroom::diffusion {
namespace {

constexpr int kMaxSize = 1 << 16;  // as config_bounds.h
constexpr int kHeadSize = 64;      // in every network here but the UNet of SD 1
constexpr double kSpreadOfVPrediction = 0.09;
// SD 2 uses the last layer but one of OpenCLIP-H; files have all 24, or the 23.
constexpr int kSd2TextLayers = 23;
constexpr int kSd2SampleSize = 64;  // of the models that predict noise

// The shapes of the tensors below a prefix.
class Shapes {
 public:
  Shapes(const SafetensorsFile::Tensors& tensors, std::string prefix)
      : tensors_(tensors), prefix_(std::move(prefix)) {}

  bool Has(absl::string_view name) const { return Find(name) != nullptr; }

  const TensorView* Find(absl::string_view name) const {
    const auto found = tensors_.find(absl::StrCat(prefix_, name));
    return found == tensors_.end() ? nullptr : &found->second;
  }

  // Of one dimension of a tensor that has `rank`.
  absl::StatusOr<int> Size(absl::string_view name, std::size_t rank, std::size_t dimension) const {
    const TensorView* view = Find(name);
    if (view == nullptr) return Error(name, "is missing");
    if (view->shape.size() != rank)
      return Error(name, absl::StrCat("has not ", rank, " dimensions"));
    const std::int64_t size = view->shape[dimension];
    if (size < 1 || size > kMaxSize) return Error(name, "has a size that no model of its kind has");
    return static_cast<int>(size);
  }

  // How many of front + "0" + back, front + "1" + back, ... there are.
  int Count(absl::string_view front, absl::string_view back) const {
    int count = 0;
    while (count <= kMaxLayers && Has(absl::StrCat(front, count, back))) ++count;
    return count;
  }

  absl::Status Error(absl::string_view name, absl::string_view problem) const {
    return absl::InvalidArgumentError(absl::StrCat("tensor '", prefix_, name, "' ", problem));
  }

 private:
  const SafetensorsFile::Tensors& tensors_;
  std::string prefix_;
};

ModelConfig Published(ModelFamily family) {
  switch (family) {
    case ModelFamily::kSd1:
      return Sd15Config();
    case ModelFamily::kSd2:
      return Sd21Config();
    case ModelFamily::kSdxl:
      return SdxlConfig();
    case ModelFamily::kSdxlRefiner:
      return SdxlRefinerConfig();
  }
  return {};
}

absl::StatusOr<int> HeadsOf(int size, absl::string_view where) {
  if (size % kHeadSize == 0) return size / kHeadSize;
  return absl::InvalidArgumentError(
      absl::StrCat(where, " is ", size, " wide, which heads of ", kHeadSize, " do not divide"));
}

// Layers of the transformer in a block, 0 without one.
int TransformerLayers(const Shapes& shapes, absl::string_view block) {
  return shapes.Count(absl::StrCat(block, "transformer_blocks."), ".attn2.to_k.weight");
}

absl::Status Uneven(const Shapes& shapes, absl::string_view block) {
  return shapes.Error(block,
                      "differs from the blocks beside it: a pruned architecture such as "
                      "SSD-1B, which is not supported");
}

// input_blocks are the layers of the levels, the finest first, with a halving convolution between
// two levels.
absl::Status ReadWayDown(const Shapes& shapes, UNetConfig* config) {
  config->levels.clear();
  config->layers_per_block = 0;
  UNetLevel level;
  int layers = 0;
  for (int i = 1;; ++i) {
    const std::string block = absl::StrCat("input_blocks.", i, ".");
    const std::string convolution = absl::StrCat(block, "0.in_layers.2.weight");
    if (shapes.Has(convolution)) {
      DARKROOM_ASSIGN_OR_RETURN(const int channels, shapes.Size(convolution, 4, 0));
      const int depth = TransformerLayers(shapes, absl::StrCat(block, "1."));
      if (layers > 0 && (channels != level.channels || level.down_attention != (depth > 0) ||
                         (depth > 0 && depth != level.transformer_layers))) {
        return Uneven(shapes, block);
      }
      level.channels = channels;
      level.down_attention = depth > 0;
      if (depth > 0) level.transformer_layers = depth;
      ++layers;
      continue;
    }
    if (layers == 0 || (!config->levels.empty() && layers != config->layers_per_block)) {
      return Uneven(shapes, block);
    }
    config->layers_per_block = layers;
    config->levels.push_back(level);
    if (!shapes.Has(absl::StrCat(block, "0.op.weight"))) return absl::OkStatus();
    if (config->levels.size() == kMaxLevels) return shapes.Error(block, "is one level too many");
    level = UNetLevel();
    layers = 0;
  }
}

// output_blocks are the same levels, the coarsest first, with one layer more each.
absl::Status ReadWayUp(const Shapes& shapes, UNetConfig* config) {
  int i = 0;
  for (auto level = config->levels.rbegin(); level != config->levels.rend(); ++level) {
    for (int layer = 0; layer <= config->layers_per_block; ++layer, ++i) {
      const std::string block = absl::StrCat("output_blocks.", i, ".");
      const int depth = TransformerLayers(shapes, absl::StrCat(block, "1."));
      if (layer == 0) level->up_attention = depth > 0;
      if (level->up_attention != (depth > 0)) return Uneven(shapes, block);
      if (depth == 0) continue;
      if (level->down_attention && depth != level->transformer_layers) return Uneven(shapes, block);
      level->transformer_layers = depth;
    }
  }
  return absl::OkStatus();
}

// The transformer of the middle has the heads and layers of the coarsest level.
absl::Status ReadMiddle(const Shapes& shapes, UNetConfig* config) {
  constexpr absl::string_view kMiddle = "middle_block.1.";
  const int depth = TransformerLayers(shapes, kMiddle);
  UNetLevel& coarsest = config->levels.back();
  const bool has_own = coarsest.down_attention || coarsest.up_attention;
  if (depth == 0 || (has_own && depth != coarsest.transformer_layers)) {
    return Uneven(shapes, kMiddle);
  }
  coarsest.transformer_layers = depth;
  DARKROOM_ASSIGN_OR_RETURN(
      config->cross_attention_dim,
      shapes.Size(absl::StrCat(kMiddle, "transformer_blocks.0.attn2.to_k.weight"), 2, 1));
  const TensorView* projection = shapes.Find(absl::StrCat(kMiddle, "proj_in.weight"));
  config->use_linear_projection = projection != nullptr && projection->shape.size() == 2;
  return absl::OkStatus();
}

// Heads are not in a shape: SD 1 has eight everywhere, the others have heads of 64.
absl::Status SetHeads(ModelFamily family, UNetConfig* config) {
  constexpr int kSd1Heads = 8;
  for (UNetLevel& level : config->levels) {
    if (level.channels % config->norm_num_groups != 0) {
      return absl::InvalidArgumentError(absl::StrCat("a UNet level has ", level.channels,
                                                     " channels, which ", config->norm_num_groups,
                                                     " groups do not divide"));
    }
    level.heads = kSd1Heads;
    if (family == ModelFamily::kSd1) continue;
    DARKROOM_ASSIGN_OR_RETURN(level.heads, HeadsOf(level.channels, "a UNet level"));
  }
  return absl::OkStatus();
}

// The added vector is the pooled text and equally many sinusoids of each number.
absl::Status ReadAddedVector(const Shapes& shapes, ModelFamily family, int pooled,
                             UNetConfig* config) {
  constexpr absl::string_view kName = "label_emb.0.0.weight";
  const int numbers = AddedNumbers(family);
  if (numbers == 0) return absl::OkStatus();
  DARKROOM_ASSIGN_OR_RETURN(const int size, shapes.Size(kName, 2, 1));
  if (size <= pooled || (size - pooled) % numbers != 0) {
    return shapes.Error(
        kName, absl::StrCat("takes ", size, " numbers, which is not a pooled text of ", pooled,
                            " and ", numbers, " embedded numbers"));
  }
  config->projection_class_embeddings_input_dim = size;
  config->addition_time_embed_dim = (size - pooled) / numbers;
  return absl::OkStatus();
}

absl::Status ReadUNet(const Shapes& shapes, ModelFamily family, UNetConfig* config) {
  DARKROOM_ASSIGN_OR_RETURN(config->in_channels, shapes.Size("input_blocks.0.0.weight", 4, 1));
  DARKROOM_ASSIGN_OR_RETURN(config->out_channels, shapes.Size("out.2.weight", 4, 0));
  DARKROOM_RETURN_IF_ERROR(ReadWayDown(shapes, config));
  DARKROOM_RETURN_IF_ERROR(ReadWayUp(shapes, config));
  DARKROOM_RETURN_IF_ERROR(ReadMiddle(shapes, config));
  return SetHeads(family, config);
}

absl::Status ReadTextEncoder(const Shapes& shapes, PartNaming naming, ModelFamily family,
                             ClipTextConfig* config) {
  const bool open = naming == PartNaming::kOpenClip;
  const std::string tokens = open ? "token_embedding.weight" : "embeddings.token_embedding.weight";
  const std::string layers = open ? "transformer.resblocks." : "encoder.layers.";
  const std::string widening = open ? ".mlp.c_fc.weight" : ".mlp.fc1.weight";
  DARKROOM_ASSIGN_OR_RETURN(config->vocab_size, shapes.Size(tokens, 2, 0));
  DARKROOM_ASSIGN_OR_RETURN(config->hidden_size, shapes.Size(tokens, 2, 1));
  DARKROOM_ASSIGN_OR_RETURN(config->intermediate_size,
                            shapes.Size(absl::StrCat(layers, 0, widening), 2, 0));
  config->num_hidden_layers = shapes.Count(layers, widening);
  if (family == ModelFamily::kSd2) {
    config->num_hidden_layers = std::min(config->num_hidden_layers, kSd2TextLayers);
  }
  DARKROOM_ASSIGN_OR_RETURN(config->num_attention_heads,
                            HeadsOf(config->hidden_size, "a text encoder"));
  if (config->projection_dim > 0) {
    DARKROOM_ASSIGN_OR_RETURN(config->projection_dim, shapes.Size("text_projection", 2, 1));
  }
  return absl::OkStatus();
}

// Whether an SD 2 predicts v, as far as its weights show.
absl::StatusOr<bool> LooksLikeVPrediction(const Shapes& shapes, const UNetConfig& config) {
  if (config.in_channels != 4) return false;
  const auto blocks = static_cast<int>(config.levels.size()) * (config.layers_per_block + 1);
  const std::string name =
      absl::StrCat("output_blocks.", blocks - 1, ".1.transformer_blocks.0.norm1.bias");
  const TensorView* bias = shapes.Find(name);
  if (bias == nullptr) return false;
  const absl::StatusOr<double> spread = StandardDeviation(*bias);
  if (!spread.ok()) return shapes.Error(name, spread.status().message());
  return *spread > kSpreadOfVPrediction;
}

absl::Status ReadSchedule(const Shapes& unet_shapes, const CheckpointLayout& layout,
                          ModelConfig* config) {
  bool predicts_v = layout.marked_v_prediction;
  if (layout.family == ModelFamily::kSd2 && !predicts_v) {
    DARKROOM_ASSIGN_OR_RETURN(predicts_v, LooksLikeVPrediction(unet_shapes, config->unet));
  }
  config->schedule.prediction_type =
      predicts_v ? PredictionType::kVPrediction : PredictionType::kEpsilon;
  config->schedule.zero_terminal_snr = layout.marked_zero_terminal_snr;
  if (layout.family == ModelFamily::kSd2 && !predicts_v) config->unet.sample_size = kSd2SampleSize;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<VaeConfig> CheckpointVaeConfig(const SafetensorsFile::Tensors& tensors,
                                              const CheckpointPart& part) {
  const Shapes shapes(tensors, part.prefix);
  const bool original = part.naming == PartNaming::kVae;
  const auto layers_of = [original](std::size_t level) {
    return original ? absl::StrCat("encoder.down.", level, ".block.")
                    : absl::StrCat("encoder.down_blocks.", level, ".resnets.");
  };
  VaeConfig config;
  DARKROOM_ASSIGN_OR_RETURN(config.latent_channels, shapes.Size("decoder.conv_in.weight", 4, 1));
  const std::string first = absl::StrCat(0, ".conv1.weight");
  while (shapes.Has(absl::StrCat(layers_of(config.block_out_channels.size()), first))) {
    const std::string level = layers_of(config.block_out_channels.size());
    DARKROOM_ASSIGN_OR_RETURN(const int channels, shapes.Size(absl::StrCat(level, first), 4, 0));
    const int layers = shapes.Count(level, ".conv1.weight");
    if (config.block_out_channels.size() == kMaxLevels ||
        (!config.block_out_channels.empty() && layers != config.layers_per_block)) {
      return shapes.Error(level, "is of no VAE that is known");
    }
    if (channels % config.norm_num_groups != 0) {
      return shapes.Error(level, absl::StrCat("has channels that ", config.norm_num_groups,
                                              " groups do not divide"));
    }
    config.layers_per_block = layers;
    config.block_out_channels.push_back(channels);
  }
  if (config.block_out_channels.empty()) return shapes.Error(layers_of(0), "is missing");
  return config;
}

absl::StatusOr<ModelConfig> CheckpointConfig(const SafetensorsFile::Tensors& tensors,
                                             const CheckpointLayout& layout) {
  ModelConfig config = Published(layout.family);
  const Shapes unet(tensors, layout.unet.prefix);
  DARKROOM_RETURN_IF_ERROR(ReadUNet(unet, layout.family, &config.unet));
  for (std::size_t i = 0; i < layout.text_encoders.size(); ++i) {
    const CheckpointPart& part = layout.text_encoders[i];
    DARKROOM_RETURN_IF_ERROR(ReadTextEncoder(Shapes(tensors, part.prefix), part.naming,
                                             layout.family, &config.text_encoders[i].clip));
  }
  DARKROOM_RETURN_IF_ERROR(ReadAddedVector(
      unet, layout.family, config.text_encoders.back().clip.projection_dim, &config.unet));
  if (layout.vae.has_value()) {
    const double scaling_factor = config.vae.scaling_factor;
    DARKROOM_ASSIGN_OR_RETURN(config.vae, CheckpointVaeConfig(tensors, *layout.vae));
    config.vae.scaling_factor = scaling_factor;
  }
  DARKROOM_RETURN_IF_ERROR(ReadSchedule(unet, layout, &config));
  return config;
}

}  // namespace darkroom::diffusion
