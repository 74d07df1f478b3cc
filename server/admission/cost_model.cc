#include "server/admission/cost_model.h"

#include "server/admission/denoiser_work.h"
#include "server/admission/learnt_costs.h"

namespace darkroom::server {
namespace {

constexpr double kUpscaleUnit = 1e12;  // of Model.upscale_milliseconds
constexpr double kUsualRows = 2;       // a prompt and its negative prompt

// Of one call of these rows, by the time of a step of default size.
absl::Duration ScaledStep(const darkroom::v1::Model& model,
                          const darkroom::v1::ImageParameters& pass, int rows) {
  const absl::Duration step = model.step_milliseconds() > 0
                                  ? absl::Milliseconds(model.step_milliseconds())
                                  : kUnmeasuredStep;
  const double pixels = static_cast<double>(pass.width()) * pass.height();
  const double usual = static_cast<double>(model.default_width()) * model.default_height();
  return step * ((usual > 0 ? pixels / usual : 1) * rows / kUsualRows);
}

absl::Duration CostOfPass(const darkroom::v1::Model& model,
                          const darkroom::v1::ImageParameters& pass) {
  const int rows = RowsPerCall(pass) * pass.image_count();
  const absl::Duration call =
      CostOfStep(model, pass.width(), pass.height(), rows).value_or(ScaledStep(model, pass, rows));
  return call * ExpectedCalls(pass);
}

absl::Duration CostOfDecodes(const darkroom::v1::Model& model,
                             const darkroom::v1::ImageParameters& last) {
  return CostOfDecode(model, last.width(), last.height()).value_or(absl::ZeroDuration()) *
         last.image_count();
}

}  // namespace

absl::Duration PredictCost(const darkroom::v1::Model& model,
                           const darkroom::v1::ImageParameters& resolved, double upscale_operations,
                           std::int64_t upscaled_pixels) {
  absl::Duration cost = kUpscaledPixel * upscaled_pixels;
  const absl::Duration upscale = model.upscale_milliseconds() > 0
                                     ? absl::Milliseconds(model.upscale_milliseconds())
                                     : kUnmeasuredUpscale;
  cost += upscale * (upscale_operations / kUpscaleUnit);
  if (resolved.has_upscale()) return cost;
  cost += CostOfPass(model, resolved);
  if (!resolved.has_hires_fix()) return cost + CostOfDecodes(model, resolved);
  const darkroom::v1::ImageParameters second = HiresPass(resolved);
  return cost + CostOfPass(model, second) + CostOfDecodes(model, second);
}

std::optional<absl::Duration> PredictWait(const darkroom::v1::Model& model, absl::Duration ahead,
                                          const scheduler::Throughput& throughput) {
  if (model.step_milliseconds() <= 0 || model.workers() <= 0) return std::nullopt;
  return throughput.WaitFor(ahead, model.workers());
}

}  // namespace darkroom::server
