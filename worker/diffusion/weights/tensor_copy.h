#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_TENSOR_COPY_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_TENSOR_COPY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// A weight copied out of its file onto the CPU, in the type that it has there. INVALID_ARGUMENT
// begins with `where`, which names file and tensor, when the shape is another than `shape` or the
// type is none of floating-point numbers.
absl::StatusOr<at::Tensor> CopyTensor(const TensorView& view, absl::string_view where,
                                      absl::Span<const std::int64_t> shape);

// OK when no name is left; else INVALID_ARGUMENT lists the first: the file at `path` is of another
// architecture than its config says.
absl::Status LeftOverError(absl::string_view path, std::vector<std::string> left);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_TENSOR_COPY_H_
