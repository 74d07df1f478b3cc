#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_TENSOR_SPREAD_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_TENSOR_SPREAD_H_

#include "absl/status/statusor.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// The standard deviation of a tensor's values (divided by their number, not by one less).
// INVALID_ARGUMENT for a tensor without values, or of another type than F16, BF16 and F32.
absl::StatusOr<double> StandardDeviation(const TensorView& view);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_TENSOR_SPREAD_H_
