#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_FILE_WEIGHTS_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_FILE_WEIGHTS_H_

#include <string>

#include "ATen/core/Tensor.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "worker/diffusion/weights/safetensors.h"
#include "worker/diffusion/weights/tensor_reader.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {

// The tensors of a safetensors file, on a device in one dtype: each read when it is taken, or all
// before.
class FileWeights : public WeightSource {
 public:
  FileWeights(SafetensorsFile file, at::TensorOptions options)
      : file_(std::move(file)), read_(options) {}

  // Reads everything at once, kernels channels-last.
  absl::Status ReadAll();

  bool Contains(const std::string& name) const override;
  absl::StatusOr<at::Tensor> Take(const std::string& name,
                                  absl::Span<const std::int64_t> shape) override;

  // INVALID_ARGUMENT lists tensors of the file that nobody took: the file is of another
  // architecture than its config says. `ignorable`: names that may be left.
  absl::Status CheckAllTaken(absl::Span<const absl::string_view> ignorable) const;

 private:
  SafetensorsFile file_;
  TensorReader read_;
  absl::flat_hash_set<std::string> taken_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_FILE_WEIGHTS_H_
