#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTABLE_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTABLE_H_

#include <cstddef>
#include <memory>
#include <utility>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/adapters/network_scope.h"
#include "worker/diffusion/adapters/row_adapters.h"
#include "worker/diffusion/ops/load.h"
#include "worker/diffusion/ops/ops.h"

namespace darkroom::diffusion {

// The operations of ops.h as networks have them that adapters change: with their place among the
// model's modules. `rows`, of the rows of x, adds what each row's adapters make of x; null:
// nothing, and then the bits are the operation's own. Immutable, usable from any thread.

class AdaptableConvolution {
 public:
  // Holds nothing until one that was loaded is assigned to it.
  AdaptableConvolution() = default;
  AdaptableConvolution(std::unique_ptr<const Convolution> operation, std::size_t place)
      : operation_(std::move(operation)), place_(place) {}

  bool empty() const { return operation_ == nullptr; }

  // x [N, in, H, W], as Convolution::Forward.
  at::Tensor Forward(const at::Tensor& x, const RowAdapters* rows,
                     const at::Tensor& residual = {}) const;

 private:
  std::unique_ptr<const Convolution> operation_;
  std::size_t place_ = 0;
};

class AdaptableLinear {
 public:
  // Holds nothing until one that was loaded is assigned to it.
  AdaptableLinear() = default;
  AdaptableLinear(std::unique_ptr<const Linear> operation, std::size_t place)
      : operation_(std::move(operation)), place_(place) {}

  bool empty() const { return operation_ == nullptr; }

  // x [N, T, in], as Linear::Forward.
  at::Tensor Forward(const at::Tensor& x, const RowAdapters* rows,
                     const at::Tensor& residual = {}) const;

  // For rows of one vector, which have to be computed alone: Linear says why.
  const Linear& operation() const { return *operation_; }
  bool ChangedBy(const RowAdapters* rows) const { return rows != nullptr && rows->Changes(place_); }
  // Adds to y [N, out], what operation() made of each row of x [N, in].
  void AdaptVectors(const at::Tensor& x, const RowAdapters& rows, at::Tensor* y) const;

 private:
  std::unique_ptr<const Linear> operation_;
  std::size_t place_ = 0;
};

class AdaptableGatedLinear {
 public:
  // Holds nothing until one that was loaded is assigned to it.
  AdaptableGatedLinear() = default;
  AdaptableGatedLinear(std::unique_ptr<const GatedLinear> operation, std::size_t place)
      : operation_(std::move(operation)), place_(place) {}

  // x [N, T, in], as GatedLinear::Forward. Adapters change what the gate sees, so that rows with
  // adapters take the operation's two parts.
  at::Tensor Forward(const at::Tensor& x, const RowAdapters* rows) const;

 private:
  std::unique_ptr<const GatedLinear> operation_;
  std::size_t place_ = 0;
};

// As the functions of ops/load.h, and noted in the scope.
absl::StatusOr<AdaptableConvolution> LoadAdaptableConvolution(const NetworkScope& scope,
                                                              const ConvolutionShape& shape,
                                                              const Ops& ops);
absl::StatusOr<AdaptableLinear> LoadAdaptableLinear(const NetworkScope& scope, int in, int out,
                                                    Bias bias, const Ops& ops);
absl::StatusOr<AdaptableLinear> LoadAdaptablePointwise(const NetworkScope& scope, int in, int out,
                                                       const Ops& ops);
// [..., in] to [..., out]; the stored linear has 2 * out outputs.
absl::StatusOr<AdaptableGatedLinear> LoadAdaptableGated(const NetworkScope& scope, int in, int out,
                                                        const Ops& ops);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTABLE_H_
