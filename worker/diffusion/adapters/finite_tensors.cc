#include "worker/diffusion/adapters/finite_tensors.h"

#include <utility>

#include "ATen/ops/isfinite.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace darkroom::diffusion {
namespace {

bool IsFloatingPoint(TensorType type) {
  return type == TensorType::kF16 || type == TensorType::kBF16 || type == TensorType::kF32 ||
         type == TensorType::kF64;
}

}  // namespace

FiniteTensors::FiniteTensors(SafetensorsFile file)
    : views_(file.tensors()), weights_(std::move(file), at::kFloat) {}

absl::StatusOr<at::Tensor> FiniteTensors::Read(const std::string& name) {
  const TensorView& view = views_.at(name);
  if (!IsFloatingPoint(view.type)) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor '", name, "' is none of floating-point numbers"));
  }
  DARKROOM_ASSIGN_OR_RETURN(at::Tensor tensor, weights_.Take(name, view.shape));
  if (!at::isfinite(tensor).all().item<bool>()) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor '", name, "' has a value that is not finite"));
  }
  return tensor;
}

}  // namespace darkroom::diffusion
