#include "worker/diffusion/guidance/guided_denoiser.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

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

Prediction GuidedDenoiser::Denoise(absl::Span<const GuidedCall> calls,
                                   std::size_t max_forward_rows) const {
  std::vector<Row> rows;
  std::vector<std::size_t> ends;  // of each call's rows
  for (const GuidedCall& call : calls) {
    for (Conditioning& cond : CondsAt(*call.guidance, call.number)) {
      rows.push_back({.call = call.call,
                      .conditioning = std::move(cond),
                      .adapters = call.guidance->adapters});
    }
    if (UsesUncond(*call.guidance, call.number, call.call->sigma, Timestep(*call.call))) {
      rows.push_back({.call = call.call,
                      .conditioning = call.guidance->uncond.At(call.number),
                      .adapters = call.guidance->adapters});
    }
    ends.push_back(rows.size());
  }

  const std::vector<at::Tensor> predictions = Predict(rows, max_forward_rows);
  std::vector<at::Tensor> denoised;
  std::vector<at::Tensor> uncond;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const DenoiserCall& call = *calls[i].call;
    const Guidance& guidance = *calls[i].guidance;
    const auto parts = absl::MakeConstSpan(predictions).subspan(begin, ends[i] - begin);
    const double c_skip = Parameterize(prediction_, call.sigma).c_skip;
    denoised.push_back(Guide(guidance, parts, call.x * c_skip));
    uncond.push_back(parts.size() > guidance.conds.size() ? parts.back() : denoised.back());
    begin = ends[i];
  }
  return {.denoised = at::cat(denoised), .uncond = at::cat(uncond)};
}

double GuidedDenoiser::Timestep(const DenoiserCall& call) const {
  return call.timestep.has_value() ? *call.timestep : schedule_.Timestep(call.sigma);
}

std::vector<at::Tensor> GuidedDenoiser::Predict(absl::Span<const Row> rows,
                                                std::size_t max_forward_rows) const {
  std::map<std::int64_t, std::vector<const Row*>> rows_by_tokens;
  for (const Row& row : rows) rows_by_tokens[row.conditioning.context.size(1)].push_back(&row);
  std::vector<at::Tensor> predictions(rows.size());
  for (const auto& [tokens, alike] : rows_by_tokens) {
    auto rest = absl::MakeConstSpan(alike);
    while (!rest.empty()) {
      const auto some = rest.first(std::min(rest.size(), max_forward_rows));
      const at::Tensor denoised = Forward(some);
      for (std::size_t i = 0; i < some.size(); ++i) {
        predictions[some[i] - rows.data()] = denoised.narrow(0, static_cast<std::int64_t>(i), 1);
      }
      rest.remove_prefix(some.size());
    }
  }
  return predictions;
}

at::Tensor GuidedDenoiser::Forward(absl::Span<const Row* const> rows) const {
  std::vector<at::Tensor> latents;
  std::vector<at::Tensor> contexts;
  std::vector<at::Tensor> vectors;
  std::vector<std::vector<RowAdapters::Use>> uses;
  bool adapted = false;
  std::vector<double> timesteps;
  std::vector<double> c_skip;
  std::vector<double> c_out;
  std::vector<double> c_in;
  for (const Row* row : rows) {
    const Parameterization parameters = Parameterize(prediction_, row->call->sigma);
    latents.push_back(row->call->x);
    contexts.push_back(row->conditioning.context);
    if (row->conditioning.vector.defined()) vectors.push_back(row->conditioning.vector);
    uses.emplace_back(row->adapters.begin(), row->adapters.end());
    adapted = adapted || !row->adapters.empty();
    timesteps.push_back(Timestep(*row->call));
    c_skip.push_back(parameters.c_skip);
    c_out.push_back(parameters.c_out);
    c_in.push_back(parameters.c_in);
  }
  const at::Tensor x = at::cat(latents);
  const at::Device device = x.device();
  const Conditioning conditioning = {.context = at::cat(contexts),
                                     .vector = vectors.empty() ? at::Tensor() : at::cat(vectors)};
  std::optional<RowAdapters> adapters;
  if (adapted) adapters.emplace(uses, conditioning.context.options());
  const at::Tensor output =
      network_(x * Column(c_in, device), timesteps, conditioning, adapted ? &*adapters : nullptr);
  return x * Column(c_skip, device) + output * Column(c_out, device);
}

}  // namespace darkroom::diffusion
