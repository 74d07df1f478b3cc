#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_KINDS_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_KINDS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "worker/diffusion/adapters/adapter.h"
#include "worker/diffusion/adapters/module_tensors.h"

namespace darkroom::diffusion {

// The kinds of adapter. Each takes its tensors, of a module whose weight has `shape`, and its
// alpha; INVALID_ARGUMENT where one is missing, ranks disagree or a shape does not fit.
using AdapterOr = absl::StatusOr<std::unique_ptr<const Adapter>>;

// LoRA (Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models"), of convolutions also
// called LoCon: up * down * alpha / rank, or up * mid * down in Tucker form (LyCORIS, locon.py).
AdapterOr MakeLowRank(ModuleTensors* tensors, const WeightShape& shape);

// LoHa (Hyeon-Woo et al. 2022, "FedPara"; LyCORIS, loha.py): the product, element by element, of
// two low-rank weights.
AdapterOr MakeHadamard(ModuleTensors* tensors, const WeightShape& shape);

// LoKr (Yeh et al. 2023, "Navigating Text-To-Image Customization: From LyCORIS Fine-Tuning to Model
// Evaluation"; LyCORIS, lokr.py): the Kronecker product of two weights, each whole or low-rank.
AdapterOr MakeKronecker(ModuleTensors* tensors, const WeightShape& shape);

// The difference itself (LyCORIS, full.py).
AdapterOr MakeFullDifference(ModuleTensors* tensors, const WeightShape& shape);

// DoRA (Liu et al. 2024, "DoRA: Weight-Decomposed Low-Rank Adaptation") around another kind: the
// changed weight W + delta is scaled so that its norms are those given, and the difference from W
// is what strengths multiply, as AUTOMATIC1111 does (network.py, apply_weight_decompose). The norms
// are of output channels or, of LyCORIS' older files, of input channels; the shape says which.
AdapterOr MakeDora(ModuleTensors* tensors, const WeightShape& shape,
                   std::unique_ptr<const Adapter> inner);

// A change of the module's bias [out], beside another kind or alone (`inner` null).
AdapterOr MakeBiased(ModuleTensors* tensors, const WeightShape& shape,
                     std::unique_ptr<const Adapter> inner);

// An adapter of a module's first `inputs` channels alone.
std::unique_ptr<const Adapter> WithFirstInputs(std::int64_t inputs,
                                               std::unique_ptr<const Adapter> inner);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_KINDS_H_
