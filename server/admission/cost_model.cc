#include "server/admission/cost_model.h"

namespace darkroom::server {

absl::Duration PredictCost(const darkroom::v1::Model& model,
                           const darkroom::v1::ImageParameters& resolved) {
  const absl::Duration step = model.step_milliseconds() > 0
                                  ? absl::Milliseconds(model.step_milliseconds())
                                  : kUnmeasuredStep;
  const double pixels = static_cast<double>(resolved.width()) * resolved.height();
  const double usual = static_cast<double>(model.default_width()) * model.default_height();
  const double size = usual > 0 ? pixels / usual : 1;
  return step * (size * resolved.steps() * resolved.image_count());
}

std::optional<absl::Duration> PredictWait(const darkroom::v1::Model& model, absl::Duration ahead) {
  if (model.step_milliseconds() <= 0 || model.workers() <= 0) return std::nullopt;
  return ahead / model.workers();
}

}  // namespace darkroom::server
