#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_TENSOR_CHECKS_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_TENSOR_CHECKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// That a tensor is a weight of this shape. INVALID_ARGUMENT begins with `where`, which names file
// and tensor, when the shape is another or the type is none of floating-point numbers.
absl::Status CheckWeight(const TensorView& view, absl::string_view where,
                         absl::Span<const std::int64_t> shape);

// OK when no name is left; else INVALID_ARGUMENT lists the first: the file at `path` is of another
// architecture than its config says.
absl::Status LeftOverError(absl::string_view path, std::vector<std::string> left);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_TENSOR_CHECKS_H_
