#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_FOLDER_WEIGHTS_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_FOLDER_WEIGHTS_H_

#include <filesystem>
#include <utility>

#include "ATen/core/Tensor.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "worker/diffusion/weights/model_weights.h"

namespace darkroom::diffusion {

// The parts of a model folder in the diffusers layout: one file each (FindWeights).
class FolderWeights : public ModelWeights {
 public:
  explicit FolderWeights(std::filesystem::path folder) : folder_(std::move(folder)) {}

  absl::Status Load(absl::string_view part, const at::TensorOptions& options,
                    absl::FunctionRef<absl::Status(const WeightScope&)> load) override;

 private:
  const std::filesystem::path folder_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_FOLDER_WEIGHTS_H_
