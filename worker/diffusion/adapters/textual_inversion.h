#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_TEXTUAL_INVERSION_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_TEXTUAL_INVERSION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// A word that a text encoder was taught: vectors that stand in a prompt where its name does (Gal et
// al. 2022, "An Image is Worth One Word").
struct TextualInversion {
  std::string name;                 // what triggers it: the file's name without its ending
  std::vector<at::Tensor> vectors;  // one tensor a text encoder of the model: [n, C], float32

  std::int64_t bytes() const {
    std::int64_t sum = 0;
    for (const at::Tensor& tensor : vectors) sum += static_cast<std::int64_t>(tensor.nbytes());
    return sum;
  }
};

// Reads a file that has one tensor [n, C] or [C] under any name ("emb_params" of AUTOMATIC1111's
// safetensors and of what `darkroom convert` makes of a .pt, "<name>" of diffusers), or for models
// with two encoders one tensor each, "clip_l" and "clip_g".
//
// `widths`: C of each text encoder of the model, first and second. INVALID_ARGUMENT names the file
// and what does not fit: tensors that make up no embedding, widths of another family's encoders
// (which it names), more than kMaxEmbeddingVectors, values that are not finite.
absl::StatusOr<TextualInversion> LoadTextualInversion(SafetensorsFile file,
                                                      absl::Span<const std::int64_t> widths);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_TEXTUAL_INVERSION_H_
