#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_FINITE_TENSORS_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_FINITE_TENSORS_H_

#include <string>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/weights/file_weights.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// The tensors of a file whose shapes are known from the file alone. Not thread-safe.
class FiniteTensors {
 public:
  explicit FiniteTensors(SafetensorsFile file);

  const SafetensorsFile::Tensors& views() const { return views_; }

  // One of views(), as float32 on the CPU. INVALID_ARGUMENT names it when it is no tensor of
  // floating-point numbers or has one that is not finite.
  absl::StatusOr<at::Tensor> Read(const std::string& name);

 private:
  SafetensorsFile::Tensors views_;  // into the mapping that weights_ keeps
  FileWeights weights_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_FINITE_TENSORS_H_
