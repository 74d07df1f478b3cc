#include "worker/diffusion/guidance/guidance.h"

#include <algorithm>
#include <cstddef>

#include "ATen/TensorOperators.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/std.h"

namespace darkroom::diffusion {
namespace {

// [1, T, C] as [1, tokens, C].
at::Tensor RepeatLastVector(const at::Tensor& context, std::int64_t tokens) {
  const std::int64_t missing = tokens - context.size(1);
  if (missing == 0) return context;
  const at::Tensor last = context.narrow(1, context.size(1) - 1, 1);
  return at::cat({context, last.expand({1, missing, context.size(2)})}, 1);
}

// A1111's combine_denoised_for_edit_model, of the predictions with text and picture, with the
// picture alone, and with neither.
at::Tensor ComposeInstructed(const Guidance& guidance, absl::Span<const at::Tensor> predictions,
                             double scale) {
  const at::Tensor& picture = predictions[1];
  const at::Tensor& neither = predictions[2];
  return neither + (predictions[0] - picture) * scale +
         (picture - neither) * guidance.picture_scale;
}

// base + sum of weight * scale * (prediction - base), in this order: A1111's combine_denoised.
at::Tensor Compose(const Guidance& guidance, absl::Span<const at::Tensor> predictions,
                   const at::Tensor& base, double scale) {
  if (guidance.picture_scale != 1) return ComposeInstructed(guidance, predictions, scale);
  at::Tensor sum = base;
  for (std::size_t i = 0; i < guidance.conds.size(); ++i) {
    if (predictions[i].is_same(base)) continue;  // adds nothing
    sum = sum + (predictions[i] - base) * (guidance.conds[i].weight * scale);
  }
  return sum;
}

// Over all values of one picture, which no neighbour can change.
double Deviation(const at::Tensor& values) {
  return at::std(values, /*unbiased=*/true).item<double>();
}

}  // namespace

bool UsesUncond(const Guidance& guidance, int call, double sigma, double timestep) {
  if (guidance.uncond.empty()) return false;
  if (guidance.picture_scale != 1) return true;
  const bool may_skip = call % 2 != 0 || guidance.skip_uncond_at_every_call;
  const double level = guidance.compares_timesteps ? timestep : sigma;
  return !(may_skip && level < guidance.min_uncond_sigma);
}

std::vector<Conditioning> CondsAt(const Guidance& guidance, int call) {
  std::int64_t tokens = 0;
  for (const WeightedPart& cond : guidance.conds) {
    tokens = std::max(tokens, cond.conditioning.At(call).context.size(1));
  }
  std::vector<Conditioning> conds;
  for (const WeightedPart& cond : guidance.conds) {
    const Conditioning& at_call = cond.conditioning.At(call);
    conds.push_back(
        {.context = RepeatLastVector(at_call.context, tokens), .vector = at_call.vector});
  }
  return conds;
}

std::int64_t MaxTokens(const Guidance& guidance) {
  std::int64_t tokens = guidance.uncond.max_tokens();
  for (const WeightedPart& cond : guidance.conds) {
    tokens = std::max(tokens, cond.conditioning.max_tokens());
  }
  return tokens;
}

at::Tensor Guide(const Guidance& guidance, absl::Span<const at::Tensor> predictions,
                 const at::Tensor& unscaled) {
  const bool guided = predictions.size() > guidance.conds.size();
  const at::Tensor& base = guided ? predictions.back() : predictions.front();
  if (!guided) return Compose(guidance, predictions, base, 1);
  at::Tensor denoised = Compose(guidance, predictions, base, guidance.scale);
  if (guidance.rescale == 0) return denoised;

  const at::Tensor output = denoised - unscaled;
  const double guided_deviation = Deviation(output);
  if (guided_deviation == 0) return denoised;
  const double wanted = Deviation(Compose(guidance, predictions, base, 1) - unscaled);
  const double factor = guidance.rescale * (wanted / guided_deviation) + (1 - guidance.rescale);
  return unscaled + output * factor;
}

}  // namespace darkroom::diffusion
