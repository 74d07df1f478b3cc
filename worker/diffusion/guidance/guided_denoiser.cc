#include "worker/diffusion/guidance/guided_denoiser.h"

#include <cstdint>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/tensor.h"
#include "worker/diffusion/guidance/parameterization.h"

namespace darkroom::diffusion {
namespace {

// One factor a row, to multiply [R, 4, h, w] with. Products round the same whatever the other rows
// are.
at::Tensor Column(const std::vector<double>& values, at::Device device) {
  return at::tensor(values, at::kFloat).view({-1, 1, 1, 1}).to(device);
}

}  // namespace

Prediction GuidedDenoiser::Denoise(absl::Span<const GuidedCall> calls) const {
  // Network rows: every call's conditional half, then the unconditional halves of the guided ones.
  std::vector<at::Tensor> latents;
  std::vector<at::Tensor> contexts;
  std::vector<double> timesteps;
  std::vector<double> c_skip;
  std::vector<double> c_out;
  std::vector<double> c_in;
  const auto add_row = [&](const DenoiserCall& call, const at::Tensor& context) {
    const Parameterization parameters = Parameterize(prediction_, call.sigma);
    latents.push_back(call.x);
    contexts.push_back(context);
    timesteps.push_back(call.timestep.value_or(schedule_.Timestep(call.sigma)));
    c_skip.push_back(parameters.c_skip);
    c_out.push_back(parameters.c_out);
    c_in.push_back(parameters.c_in);
  };
  for (const GuidedCall& row : calls) add_row(*row.call, row.guidance->cond);
  std::vector<std::int64_t> guided;  // calls that have an unconditional half
  std::vector<double> scales;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!calls[i].guidance->uncond.defined()) continue;
    add_row(*calls[i].call, calls[i].guidance->uncond);
    guided.push_back(static_cast<std::int64_t>(i));
    scales.push_back(calls[i].guidance->scale);
  }

  const at::Tensor x = at::cat(latents);
  const at::Device device = x.device();
  const at::Tensor output = network_(x * Column(c_in, device), timesteps, at::cat(contexts));
  const at::Tensor predictions =
      (x * Column(c_skip, device) + output * Column(c_out, device)).contiguous();

  const auto count = static_cast<std::int64_t>(calls.size());
  const at::Tensor denoised = predictions.narrow(0, 0, count);
  if (guided.empty()) return {.denoised = denoised, .uncond = denoised};
  const at::Tensor index = at::tensor(guided, at::kLong).to(device);
  const at::Tensor cond = denoised.index_select(0, index);
  const at::Tensor uncond = predictions.narrow(0, count, static_cast<std::int64_t>(guided.size()));
  const at::Tensor mixed = uncond + (cond - uncond) * Column(scales, device);
  return {.denoised = denoised.index_copy(0, index, mixed),
          .uncond = denoised.index_copy(0, index, uncond)};
}

}  // namespace darkroom::diffusion
