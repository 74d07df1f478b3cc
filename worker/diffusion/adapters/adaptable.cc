#include "worker/diffusion/adapters/adaptable.h"

#include "ATen/ops/empty.h"
#include "common/status_macros.h"

namespace darkroom::diffusion {

at::Tensor AdaptableConvolution::Forward(const at::Tensor& x, const RowAdapters* rows,
                                         const at::Tensor& residual) const {
  at::Tensor y = operation_->Forward(x, residual);
  if (rows != nullptr) rows->AddTo(place_, x, &y);
  return y;
}

at::Tensor AdaptableLinear::Forward(const at::Tensor& x, const RowAdapters* rows,
                                    const at::Tensor& residual) const {
  at::Tensor y = operation_->Forward(x, residual);
  if (rows != nullptr) rows->AddTo(place_, x, &y);
  return y;
}

void AdaptableLinear::AdaptVectors(const at::Tensor& x, const RowAdapters& rows,
                                   at::Tensor* y) const {
  at::Tensor tokens = y->unsqueeze(1);  // [N, 1, out]
  rows.AddTo(place_, x.unsqueeze(1), &tokens);
  *y = tokens.squeeze(1);
}

at::Tensor AdaptableGatedLinear::Forward(const at::Tensor& x, const RowAdapters* rows) const {
  if (rows == nullptr || !rows->Changes(place_)) return operation_->Forward(x);
  const auto adapted = [&](const at::Tensor& some, const RowAdapters& adapters) {
    at::Tensor wide = operation_->Widen(some);
    adapters.AddTo(place_, some, &wide);
    return operation_->Gate(wide);
  };
  const RowAdapters::Mixture* mixture = rows->mixture();
  if (mixture == nullptr) return adapted(x, *rows);
  const at::Tensor changed = adapted(x.index_select(0, mixture->users.taken), *mixture->adapters);
  at::Tensor y = at::empty({x.size(0), x.size(1), changed.size(2)}, x.options());
  mixture->users.Put(changed, &y);
  mixture->others.Put(operation_->Forward(x.index_select(0, mixture->others.taken)), &y);
  return y;
}

absl::StatusOr<AdaptableConvolution> LoadAdaptableConvolution(const NetworkScope& scope,
                                                              const ConvolutionShape& shape,
                                                              const Ops& ops) {
  DARKROOM_ASSIGN_OR_RETURN(ConvolutionWeights taken, TakeConvolution(scope, shape));
  const std::size_t place = scope.Note(taken.weight.sizes().vec(), {.weight = taken.weight,
                                                                    .convolution = true,
                                                                    .stride = taken.stride,
                                                                    .padding = taken.padding});
  return AdaptableConvolution(ops.Prepare(std::move(taken)), place);
}

absl::StatusOr<AdaptableLinear> LoadAdaptableLinear(const NetworkScope& scope, int in, int out,
                                                    Bias bias, const Ops& ops) {
  DARKROOM_ASSIGN_OR_RETURN(LinearWeights taken, TakeLinear(scope, in, out, bias));
  const std::size_t place = scope.Note({out, in}, {.weight = taken.weight});
  return AdaptableLinear(ops.Prepare(std::move(taken)), place);
}

absl::StatusOr<AdaptableLinear> LoadAdaptablePointwise(const NetworkScope& scope, int in, int out,
                                                       const Ops& ops) {
  DARKROOM_ASSIGN_OR_RETURN(LinearWeights taken, TakePointwise(scope, in, out));
  const std::size_t place = scope.Note({out, in, 1, 1}, {.weight = taken.weight});
  return AdaptableLinear(ops.Prepare(std::move(taken)), place);
}

absl::StatusOr<AdaptableGatedLinear> LoadAdaptableGated(const NetworkScope& scope, int in, int out,
                                                        const Ops& ops) {
  DARKROOM_ASSIGN_OR_RETURN(LinearWeights taken, TakeLinear(scope, in, 2 * out, Bias::kYes));
  const std::size_t place = scope.Note({2 * out, in}, {.weight = taken.weight});
  return AdaptableGatedLinear(ops.PrepareGated(std::move(taken)), place);
}

}  // namespace darkroom::diffusion
