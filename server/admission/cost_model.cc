#include "server/admission/cost_model.h"

#include "server/admission/denoiser_work.h"

namespace darkroom::server {
namespace {

constexpr double kUpscaleUnit = 1e12;  // of Model.upscale_milliseconds
constexpr double kUsualRows = 2;       // a prompt and its negative prompt

// Of all images, in rows of the model's default size.
double RowsOfPass(const darkroom::v1::Model& model, const darkroom::v1::ImageParameters& pass) {
  const double pixels = static_cast<double>(pass.width()) * pass.height();
  const double usual = static_cast<double>(model.default_width()) * model.default_height();
  const double size = usual > 0 ? pixels / usual : 1;
  return size * RowsPerCall(pass) * ExpectedCalls(pass) * pass.image_count();
}

}  // namespace

absl::Duration PredictCost(const darkroom::v1::Model& model,
                           const darkroom::v1::ImageParameters& resolved, double upscale_operations,
                           std::int64_t upscaled_pixels) {
  const absl::Duration step = model.step_milliseconds() > 0
                                  ? absl::Milliseconds(model.step_milliseconds())
                                  : kUnmeasuredStep;
  double rows = resolved.has_upscale() ? 0 : RowsOfPass(model, resolved);
  if (resolved.has_hires_fix()) rows += RowsOfPass(model, HiresPass(resolved));
  const absl::Duration upscale = model.upscale_milliseconds() > 0
                                     ? absl::Milliseconds(model.upscale_milliseconds())
                                     : kUnmeasuredUpscale;
  return step * (rows / kUsualRows) + upscale * (upscale_operations / kUpscaleUnit) +
         kUpscaledPixel * upscaled_pixels;
}

std::optional<absl::Duration> PredictWait(const darkroom::v1::Model& model, absl::Duration ahead,
                                          const scheduler::Throughput& throughput) {
  if (model.step_milliseconds() <= 0 || model.workers() <= 0) return std::nullopt;
  return throughput.WaitFor(ahead, model.workers());
}

}  // namespace darkroom::server
