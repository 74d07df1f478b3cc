#include "worker/diffusion/text/clip_text_model.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "ATen/ops/cat.h"
#include "ATen/ops/embedding.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/gelu.h"
#include "ATen/ops/mul.h"
#include "common/status_macros.h"

namespace darkroom::diffusion {
namespace {

at::Tensor Activate(const at::Tensor& x, TextActivation activation) {
  // Quick GELU: x * sigmoid(1.702 x) (Hendrycks and Gimpel 2016, section 2).
  return activation == TextActivation::kGelu ? at::gelu(x) : at::mul(x, 1.702).sigmoid_().mul_(x);
}

}  // namespace

// One pre-norm transformer layer with causal self-attention.
class ClipTextModel::Layer {
 public:
  static absl::StatusOr<Layer> Load(const ClipTextConfig& config, const NetworkScope& weights,
                                    const Ops* ops) {
    const int size = config.hidden_size;
    const NetworkScope attention = weights.Sub("self_attn");
    const NetworkScope mlp = weights.Sub("mlp");
    const auto load_square = [&](absl::string_view name) {
      return LoadAdaptableLinear(attention.Sub(name), size, size, Bias::kYes, *ops);
    };
    Layer layer;
    layer.ops_ = ops;
    layer.heads_ = config.num_attention_heads;
    layer.activation_ = config.activation;
    DARKROOM_ASSIGN_OR_RETURN(
        layer.norm1_, LoadLayerNorm(weights.Sub("layer_norm1"), size, config.layer_norm_eps));
    DARKROOM_ASSIGN_OR_RETURN(layer.query_, load_square("q_proj"));
    DARKROOM_ASSIGN_OR_RETURN(layer.key_, load_square("k_proj"));
    DARKROOM_ASSIGN_OR_RETURN(layer.value_, load_square("v_proj"));
    DARKROOM_ASSIGN_OR_RETURN(layer.out_, load_square("out_proj"));
    DARKROOM_ASSIGN_OR_RETURN(
        layer.norm2_, LoadLayerNorm(weights.Sub("layer_norm2"), size, config.layer_norm_eps));
    DARKROOM_ASSIGN_OR_RETURN(
        layer.widen_,
        LoadAdaptableLinear(mlp.Sub("fc1"), size, config.intermediate_size, Bias::kYes, *ops));
    DARKROOM_ASSIGN_OR_RETURN(
        layer.narrow_,
        LoadAdaptableLinear(mlp.Sub("fc2"), config.intermediate_size, size, Bias::kYes, *ops));
    return layer;
  }

  // [N, 77, C] to the same. `rows`: the adapters of the N chunks, or null.
  at::Tensor Forward(const at::Tensor& x, const RowAdapters* rows) const {
    const at::Tensor normed = ops_->LayerNorm(x, norm1_);
    const at::Tensor mixed =
        ops_->Attention(query_.Forward(normed, rows), key_.Forward(normed, rows),
                        value_.Forward(normed, rows), heads_, /*causal=*/true);
    const at::Tensor attended = out_.Forward(mixed, rows, x);
    const at::Tensor wide = widen_.Forward(ops_->LayerNorm(attended, norm2_), rows);
    return narrow_.Forward(Activate(wide, activation_), rows, attended);
  }

 private:
  const Ops* ops_ = nullptr;
  int heads_ = 1;
  TextActivation activation_ = TextActivation::kQuickGelu;
  LayerNormWeights norm1_, norm2_;
  AdaptableLinear query_, key_, value_, out_, widen_, narrow_;
};

ClipTextModel::ClipTextModel(const TextEncoderConfig& config, const ChunkReading& reading,
                             const Ops* ops)
    : config_(config), reading_(reading), ops_(ops) {}
ClipTextModel::ClipTextModel(ClipTextModel&&) noexcept = default;
ClipTextModel& ClipTextModel::operator=(ClipTextModel&&) noexcept = default;
ClipTextModel::~ClipTextModel() = default;

absl::StatusOr<ClipTextModel> ClipTextModel::Load(const TextEncoderConfig& config,
                                                  const ChunkReading& reading,
                                                  const NetworkScope& weights, const Ops* ops) {
  const ClipTextConfig& clip = config.clip;
  // Files differ in whether the model's own name is in front.
  const bool named = weights.Contains("text_model.final_layer_norm.weight");
  const NetworkScope below = named ? weights.Sub("text_model") : weights;
  const NetworkScope embeddings = below.Sub("embeddings");
  ClipTextModel model(config, reading, ops);
  DARKROOM_ASSIGN_OR_RETURN(
      model.token_embedding_,
      embeddings.Take("token_embedding.weight", {clip.vocab_size, clip.hidden_size}));
  DARKROOM_ASSIGN_OR_RETURN(model.position_embedding_,
                            embeddings.Take("position_embedding.weight",
                                            {clip.max_position_embeddings, clip.hidden_size}));
  for (int i = 0; i < clip.num_hidden_layers; ++i) {
    DARKROOM_ASSIGN_OR_RETURN(Layer layer,
                              Layer::Load(clip, below.Sub("encoder").Sub("layers", i), ops));
    model.layers_.push_back(std::move(layer));
  }
  DARKROOM_ASSIGN_OR_RETURN(
      model.final_norm_,
      LoadLayerNorm(below.Sub("final_layer_norm"), clip.hidden_size, clip.layer_norm_eps));
  if (clip.projection_dim > 0) {
    DARKROOM_ASSIGN_OR_RETURN(model.projection_,
                              LoadAdaptableLinear(weights.Sub("text_projection"), clip.hidden_size,
                                                  clip.projection_dim, Bias::kNo, *ops));
  }
  return model;
}

TextStates ClipTextModel::Encode(absl::Span<const TokenChunk> chunks, int clip_skip,
                                 const TextChanges& changes) const {
  at::Tensor x = Embed(chunks, changes.vectors);
  std::optional<RowAdapters> adapters;
  if (!changes.adapters.empty()) {
    adapters.emplace(std::vector(chunks.size(), changes.adapters), x.options());
  }
  const RowAdapters* rows = adapters.has_value() ? &*adapters : nullptr;
  const int skipped = config_.layer_from_end - 1 + (config_.obeys_clip_skip ? clip_skip - 1 : 0);
  const int seen = layers() - skipped;
  const int run = projection_.empty() ? seen : layers();
  TextStates states;
  for (int i = 0; i < run; ++i) {
    x = layers_[static_cast<std::size_t>(i)].Forward(x, rows);
    if (i + 1 == seen) states.tokens = x;
  }
  if (config_.final_norm) states.tokens = ops_->LayerNorm(states.tokens, final_norm_);
  if (!projection_.empty()) states.pooled = Pool(x, chunks, rows);
  return states;
}

at::Tensor ClipTextModel::Embed(absl::Span<const TokenChunk> chunks,
                                absl::Span<const PlacedVectors> vectors) const {
  const auto count = static_cast<std::int64_t>(chunks.size());
  at::Tensor ids = at::empty({count, prompt::kChunkLength}, at::kLong);
  auto* id = ids.mutable_data_ptr<std::int64_t>();
  for (const TokenChunk& chunk : chunks) {
    const TokenChunk read = Read(chunk);
    id = std::copy(read.begin(), read.end(), id);
  }
  // [chunks, 77, C]
  at::Tensor x = at::embedding(token_embedding_, ids.to(token_embedding_.device()));
  for (const PlacedVectors& placed : vectors) {
    const std::int64_t fitting =
        std::min(placed.vectors.size(0), prompt::kChunkLength - placed.position);
    x.select(0, static_cast<std::int64_t>(placed.chunk))
        .narrow(0, placed.position, fitting)
        .copy_(placed.vectors.narrow(0, 0, fitting));
  }
  return x.add_(position_embedding_);
}

TokenChunk ClipTextModel::Read(const TokenChunk& chunk) const {
  TokenChunk read = chunk;
  const auto end = std::find(read.begin(), read.end(), reading_.end);
  if (reading_.padding.has_value() && end != read.end()) {
    std::fill(end + 1, read.end(), *reading_.padding);
  }
  return read;
}

at::Tensor ClipTextModel::Pool(const at::Tensor& x, absl::Span<const TokenChunk> chunks,
                               const RowAdapters* rows) const {
  const at::Tensor normed = ops_->LayerNorm(x, final_norm_);  // [chunks, 77, C]
  std::vector<at::Tensor> ends;                               // [1, C]
  std::vector<at::Tensor> projected;
  for (const TokenChunk& chunk : chunks) {
    const auto end = std::find(chunk.begin(), chunk.end(), reading_.end);
    const auto index = static_cast<std::int64_t>(ends.size());
    ends.push_back(normed.select(0, index).narrow(0, end - chunk.begin(), 1));
    // One by one: a linear over [chunks, C] gives other bits for another number of chunks.
    projected.push_back(projection_.operation().Forward(ends.back()));
  }
  at::Tensor pooled = at::cat(projected);
  if (projection_.ChangedBy(rows)) projection_.AdaptVectors(at::cat(ends), *rows, &pooled);
  return pooled;
}

int ClipTextModel::layers() const { return static_cast<int>(layers_.size()); }

}  // namespace darkroom::diffusion
