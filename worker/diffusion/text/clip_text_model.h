#ifndef DARKROOM_WORKER_DIFFUSION_TEXT_CLIP_TEXT_MODEL_H_
#define DARKROOM_WORKER_DIFFUSION_TEXT_CLIP_TEXT_MODEL_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "prompt/chunks.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/weights/model_config.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {

// The ids of one chunk.
using TokenChunk = std::array<std::int64_t, prompt::kChunkLength>;

// The text half of CLIP (Radford et al. 2021, "Learning Transferable Visual Models From Natural
// Language Supervision"; transformers' CLIPTextModel). Immutable once loaded.
class ClipTextModel {
 public:
  // `ops` outlives the model.
  static absl::StatusOr<ClipTextModel> Load(const ClipTextConfig& config, WeightScope weights,
                                            const Ops* ops);

  ClipTextModel(ClipTextModel&&) noexcept;
  ClipTextModel& operator=(ClipTextModel&&) noexcept;
  ~ClipTextModel();

  // What each chunk becomes, alone: [chunks, 77, hidden_size] in the compute dtype. `clip_skip` 1
  // takes the last layer's output, N the one of the N-th layer from the end; the final layer norm
  // is applied to either, as A1111 does.
  // Requires 1 <= clip_skip <= layers(), at least one chunk, and ids below the vocabulary's size.
  at::Tensor Encode(absl::Span<const TokenChunk> chunks, int clip_skip) const;

  int layers() const;

 private:
  class Layer;
  ClipTextModel();

  const Ops* ops_ = nullptr;
  at::Tensor token_embedding_;     // [vocab, C]
  at::Tensor position_embedding_;  // [77, C]
  std::vector<Layer> layers_;
  LayerNormWeights final_norm_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_TEXT_CLIP_TEXT_MODEL_H_
