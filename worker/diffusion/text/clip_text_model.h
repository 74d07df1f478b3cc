#ifndef DARKROOM_WORKER_DIFFUSION_TEXT_CLIP_TEXT_MODEL_H_
#define DARKROOM_WORKER_DIFFUSION_TEXT_CLIP_TEXT_MODEL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "prompt/chunks.h"
#include "worker/diffusion/adapters/adaptable.h"
#include "worker/diffusion/adapters/network_scope.h"
#include "worker/diffusion/adapters/row_adapters.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// The ids of one chunk.
using TokenChunk = std::array<std::int64_t, prompt::kChunkLength>;

// How an encoder reads chunks that were made for the first of a model's encoders.
struct ChunkReading {
  std::int64_t end = 0;  // the end of text
  // Stands for everything behind the first end of text; absent: what the chunk has there.
  std::optional<std::int64_t> padding = {};
};

// Vectors of a textual inversion, in the place of what a chunk's tokens are.
struct PlacedVectors {
  std::size_t chunk = 0;
  std::int64_t position = 0;  // of the first, 0 to 76; those beyond the chunk's end are left out
  at::Tensor vectors;         // [n, hidden_size], of any floating dtype and device
};

// What a prompt changes of the encoder while it reads the prompt's chunks.
struct TextChanges {
  std::vector<PlacedVectors> vectors = {};
  std::vector<RowAdapters::Use> adapters = {};
};

// What chunks become, each alone, in the compute dtype.
struct TextStates {
  at::Tensor tokens;  // [chunks, 77, hidden_size]
  at::Tensor pooled;  // [chunks, projection_dim]; undefined without a projection
};

// The text half of CLIP (Radford et al. 2021, "Learning Transferable Visual Models From Natural
// Language Supervision"; transformers' CLIPTextModel and CLIPTextModelWithProjection, open_clip's
// text tower) and what a UNet is given of it. Immutable once loaded.
class ClipTextModel {
 public:
  // `ops` outlives the model.
  static absl::StatusOr<ClipTextModel> Load(const TextEncoderConfig& config,
                                            const ChunkReading& reading,
                                            const NetworkScope& weights, const Ops* ops);

  ClipTextModel(ClipTextModel&&) noexcept;
  ClipTextModel& operator=(ClipTextModel&&) noexcept;
  ~ClipTextModel();

  // The output of the config's layer, with the final norm where the config wants it. `clip_skip` N
  // is N - 1 layers before that where the config obeys it, and has no influence elsewhere, both as
  // A1111 has it. The pooled vector is the projection of the end of text of the last layer, normed,
  // whatever layer the tokens are of.
  // Requires 1 <= clip_skip <= layers(), at least one chunk, and ids below the vocabulary's size.
  TextStates Encode(absl::Span<const TokenChunk> chunks, int clip_skip,
                    const TextChanges& changes = {}) const;

  int layers() const;

 private:
  class Layer;
  ClipTextModel(const TextEncoderConfig& config, const ChunkReading& reading, const Ops* ops);

  TokenChunk Read(const TokenChunk& chunk) const;
  // What the first layer sees: [chunks, 77, C].
  at::Tensor Embed(absl::Span<const TokenChunk> chunks,
                   absl::Span<const PlacedVectors> vectors) const;
  // `x` is what the last layer gave of the chunks.
  at::Tensor Pool(const at::Tensor& x, absl::Span<const TokenChunk> chunks,
                  const RowAdapters* rows) const;

  TextEncoderConfig config_;
  ChunkReading reading_;
  const Ops* ops_;
  at::Tensor token_embedding_;     // [vocab, C]
  at::Tensor position_embedding_;  // [77, C]
  std::vector<Layer> layers_;
  LayerNormWeights final_norm_;
  AdaptableLinear projection_;  // empty without one
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_TEXT_CLIP_TEXT_MODEL_H_
