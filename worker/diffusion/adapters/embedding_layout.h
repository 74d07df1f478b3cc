#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_EMBEDDING_LAYOUT_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_EMBEDDING_LAYOUT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// The most vectors of an embedding, which never straddles chunks of a prompt.
inline constexpr std::int64_t kMaxEmbeddingVectors = 75;

// Where the vectors of a textual inversion are in its file, one element a text encoder.
struct EmbeddingLayout {
  std::vector<std::string> tensors;  // their names, that of the first encoder first
  std::vector<std::int64_t> widths;  // C of each
  std::int64_t vectors = 0;          // n, 1 to kMaxEmbeddingVectors
};

// The layout of a file that has one tensor [n, C] or [C] under any name, or one "clip_l" and one
// "clip_g" of equal n. INVALID_ARGUMENT says what makes it no embedding.
absl::StatusOr<EmbeddingLayout> FindEmbeddingLayout(const SafetensorsFile::Tensors& tensors);

// The family of models whose text encoders have these widths; empty for unknown ones.
std::string FamilyOfEncoderWidths(absl::Span<const std::int64_t> widths);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_EMBEDDING_LAYOUT_H_
