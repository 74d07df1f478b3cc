#include "server/admission/cost_model.h"

#include "server/admission/denoiser_work.h"

namespace darkroom::server {
namespace {

constexpr double kUsualRows = 2;  // a prompt and its negative prompt

}  // namespace

absl::Duration PredictCost(const darkroom::v1::Model& model,
                           const darkroom::v1::ImageParameters& resolved) {
  const absl::Duration step = model.step_milliseconds() > 0
                                  ? absl::Milliseconds(model.step_milliseconds())
                                  : kUnmeasuredStep;
  const double pixels = static_cast<double>(resolved.width()) * resolved.height();
  const double usual = static_cast<double>(model.default_width()) * model.default_height();
  const double size = usual > 0 ? pixels / usual : 1;
  const double rows = RowsPerCall(resolved) / kUsualRows;
  return step * (size * rows * ExpectedCalls(resolved) * resolved.image_count());
}

std::optional<absl::Duration> PredictWait(const darkroom::v1::Model& model, absl::Duration ahead) {
  if (model.step_milliseconds() <= 0 || model.workers() <= 0) return std::nullopt;
  return ahead / model.workers();
}

}  // namespace darkroom::server
