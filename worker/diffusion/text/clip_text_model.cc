#include "worker/diffusion/text/clip_text_model.h"

#include <algorithm>
#include <utility>

#include "ATen/ops/embedding.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/gelu.h"
#include "ATen/ops/mul.h"
#include "common/status_macros.h"
#include "worker/diffusion/ops/load.h"

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
  static absl::StatusOr<Layer> Load(const ClipTextConfig& config, const WeightScope& weights,
                                    const Ops* ops) {
    const int size = config.hidden_size;
    const WeightScope attention = weights.Sub("self_attn");
    const WeightScope mlp = weights.Sub("mlp");
    const auto load_square = [&](absl::string_view name) {
      return LoadLinear(attention.Sub(name), size, size, Bias::kYes, *ops);
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
        layer.widen_, LoadLinear(mlp.Sub("fc1"), size, config.intermediate_size, Bias::kYes, *ops));
    DARKROOM_ASSIGN_OR_RETURN(layer.narrow_, LoadLinear(mlp.Sub("fc2"), config.intermediate_size,
                                                        size, Bias::kYes, *ops));
    return layer;
  }

  // [N, 77, C] to the same.
  at::Tensor Forward(const at::Tensor& x) const {
    const at::Tensor normed = ops_->LayerNorm(x, norm1_);
    const at::Tensor mixed = ops_->Attention(query_->Forward(normed), key_->Forward(normed),
                                             value_->Forward(normed), heads_, /*causal=*/true);
    const at::Tensor attended = out_->Forward(mixed, x);
    const at::Tensor wide = widen_->Forward(ops_->LayerNorm(attended, norm2_));
    return narrow_->Forward(Activate(wide, activation_), attended);
  }

 private:
  const Ops* ops_ = nullptr;
  int heads_ = 1;
  TextActivation activation_ = TextActivation::kQuickGelu;
  LayerNormWeights norm1_, norm2_;
  std::unique_ptr<const Linear> query_, key_, value_, out_, widen_, narrow_;
};

ClipTextModel::ClipTextModel() = default;
ClipTextModel::ClipTextModel(ClipTextModel&&) noexcept = default;
ClipTextModel& ClipTextModel::operator=(ClipTextModel&&) noexcept = default;
ClipTextModel::~ClipTextModel() = default;

absl::StatusOr<ClipTextModel> ClipTextModel::Load(const ClipTextConfig& config, WeightScope weights,
                                                  const Ops* ops) {
  // Files differ in whether the model's own name is in front.
  if (weights.Contains("text_model.final_layer_norm.weight")) weights = weights.Sub("text_model");
  const WeightScope embeddings = weights.Sub("embeddings");
  ClipTextModel model;
  model.ops_ = ops;
  DARKROOM_ASSIGN_OR_RETURN(
      model.token_embedding_,
      embeddings.Take("token_embedding.weight", {config.vocab_size, config.hidden_size}));
  DARKROOM_ASSIGN_OR_RETURN(model.position_embedding_,
                            embeddings.Take("position_embedding.weight",
                                            {config.max_position_embeddings, config.hidden_size}));
  for (int i = 0; i < config.num_hidden_layers; ++i) {
    DARKROOM_ASSIGN_OR_RETURN(Layer layer,
                              Layer::Load(config, weights.Sub("encoder").Sub("layers", i), ops));
    model.layers_.push_back(std::move(layer));
  }
  DARKROOM_ASSIGN_OR_RETURN(
      model.final_norm_,
      LoadLayerNorm(weights.Sub("final_layer_norm"), config.hidden_size, config.layer_norm_eps));
  return model;
}

at::Tensor ClipTextModel::Encode(absl::Span<const TokenChunk> chunks, int clip_skip) const {
  const auto count = static_cast<std::int64_t>(chunks.size());
  at::Tensor ids = at::empty({count, prompt::kChunkLength}, at::kLong);
  auto* id = ids.mutable_data_ptr<std::int64_t>();
  for (const TokenChunk& chunk : chunks) id = std::copy(chunk.begin(), chunk.end(), id);
  // [chunks, 77, C]
  at::Tensor x = at::embedding(token_embedding_, ids.to(token_embedding_.device()));
  x.add_(position_embedding_);
  const int used = layers() - (clip_skip - 1);
  for (int i = 0; i < used; ++i) x = layers_[static_cast<std::size_t>(i)].Forward(x);
  return ops_->LayerNorm(x, final_norm_);
}

int ClipTextModel::layers() const { return static_cast<int>(layers_.size()); }

}  // namespace darkroom::diffusion
