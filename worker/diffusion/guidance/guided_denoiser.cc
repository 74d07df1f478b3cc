#include "worker/diffusion/guidance/guided_denoiser.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>

#include "ATen/TensorOperators.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/tensor.h"
#include "ATen/ops/zeros_like.h"
#include "worker/diffusion/guidance/parameterization.h"

namespace darkroom::diffusion {
namespace {

// One factor a row, to multiply [R, 4, h, w] with. Products round the same whatever the other rows
// are.
at::Tensor Column(const std::vector<double>& values, at::Device device) {
  return at::tensor(values, at::kFloat).view({-1, 1, 1, 1}).to(device);
}

bool BlendsBefore(const GuidedCall& call) {
  return call.mask != nullptr && call.mask->before_denoising;
}

// What the network is shown for a call at this timestep. In its scale the original is as large as
// it is without noise where samplers over timesteps have theirs.
DenoiserCall Shown(const GuidedCall& call, double timestep) {
  DenoiserCall shown = *call.call;
  if (BlendsBefore(call)) {
    shown.x = KeepOriginal(*call.mask, shown.x, timestep, std::sqrt(shown.sigma * shown.sigma + 1));
  }
  return shown;
}

// The prediction of what was shown as one of the call itself: that it finds the same noise in it,
// or that it keeps the original.
void ApplyMask(const GuidedCall& call, const DenoiserCall& shown, Prediction& prediction) {
  if (BlendsBefore(call)) {
    const at::Tensor difference = call.call->x - shown.x;
    prediction.denoised = prediction.denoised + difference;
    prediction.uncond = prediction.uncond + difference;
  } else if (call.mask != nullptr) {
    prediction.denoised = KeepOriginal(*call.mask, prediction.denoised, shown.sigma);
  }
}

}  // namespace

std::vector<GuidedDenoiser::Row> GuidedDenoiser::RowsOf(const GuidedCall& call,
                                                        const DenoiserCall& shown) const {
  const Guidance& guidance = *call.guidance;
  const at::Tensor picture = call.picture == nullptr ? at::Tensor() : *call.picture;
  std::vector<Row> rows;
  for (Conditioning& cond : CondsAt(guidance, call.number)) {
    rows.push_back({.call = &shown,
                    .conditioning = std::move(cond),
                    .adapters = guidance.adapters,
                    .picture = picture});
  }
  if (!UsesUncond(guidance, call.number, shown.sigma, Timestep(shown))) return rows;
  const Conditioning& uncond = guidance.uncond.At(call.number);
  const Row plain = {
      .call = &shown, .conditioning = uncond, .adapters = guidance.adapters, .picture = picture};
  rows.push_back(plain);
  if (guidance.picture_scale != 1) {
    rows.push_back(plain);
    rows.back().picture = at::zeros_like(picture);
  }
  return rows;
}

Prediction GuidedDenoiser::Denoise(absl::Span<const GuidedCall> calls,
                                   std::size_t max_forward_rows) const {
  std::vector<DenoiserCall> shown;
  for (const GuidedCall& call : calls) shown.push_back(Shown(call, Timestep(*call.call)));
  std::vector<Row> rows;
  std::vector<std::size_t> ends;  // of each call's rows
  for (std::size_t i = 0; i < calls.size(); ++i) {
    for (Row& row : RowsOf(calls[i], shown[i])) rows.push_back(std::move(row));
    ends.push_back(rows.size());
  }

  const std::vector<at::Tensor> predictions = Predict(rows, max_forward_rows);
  std::vector<at::Tensor> denoised;
  std::vector<at::Tensor> uncond;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const DenoiserCall& call = shown[i];
    const Guidance& guidance = *calls[i].guidance;
    const auto parts = absl::MakeConstSpan(predictions).subspan(begin, ends[i] - begin);
    const double c_skip = Parameterize(prediction_, call.sigma).c_skip;
    Prediction prediction;
    prediction.denoised = Guide(guidance, parts, call.x * c_skip);
    prediction.uncond = parts.size() > guidance.conds.size() ? parts.back() : prediction.denoised;
    ApplyMask(calls[i], call, prediction);
    denoised.push_back(std::move(prediction.denoised));
    uncond.push_back(std::move(prediction.uncond));
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
  std::vector<at::Tensor> pictures;
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
    if (row->picture.defined()) pictures.push_back(row->picture);
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
  at::Tensor sample = x * Column(c_in, device);
  if (!pictures.empty()) sample = at::cat({sample, at::cat(pictures)}, 1);
  const at::Tensor output =
      network_(sample, timesteps, conditioning, adapted ? &*adapters : nullptr);
  return x * Column(c_skip, device) + output * Column(c_out, device);
}

}  // namespace darkroom::diffusion
