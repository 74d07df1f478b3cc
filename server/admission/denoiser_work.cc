#include "server/admission/denoiser_work.h"

#include "naming/img2img_steps.h"
#include "naming/sampler_names.h"
#include "prompt/composition.h"
#include "prompt/extra_networks.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;

// DPM adaptive makes as many steps as it finds necessary, whatever the request says.
constexpr absl::string_view kAdaptive = "DPM adaptive";
constexpr int kAdaptiveCalls = 90;

// Calls of a step.
int Order(const darkroom::v1::ImageParameters& resolved) {
  const naming::SamplerName* sampler = naming::FindSampler(resolved.sampler());
  return sampler != nullptr && sampler->second_order ? 2 : 1;
}

}  // namespace

int ScheduledCalls(const darkroom::v1::ImageParameters& resolved) {
  return resolved.steps() * Order(resolved);
}

int ExpectedCalls(const darkroom::v1::ImageParameters& resolved) {
  const int whole = resolved.sampler() == kAdaptive ? kAdaptiveCalls : ScheduledCalls(resolved);
  if (!resolved.has_init_image() || resolved.steps() == 0) return whole;
  const int steps = naming::EncodedSteps(resolved.init_image().strength(), resolved.steps()) + 1;
  return (whole * steps + resolved.steps() - 1) / resolved.steps();
}

int RowsPerCall(const darkroom::v1::ImageParameters& resolved) {
  const int parts = static_cast<int>(
      prompt::SplitComposition(prompt::TakeExtraNetworks(resolved.prompt()).text).size());
  const bool negative_matters = parts > 1 || resolved.guidance_scale() != 1;
  const v1::InitImage& image = resolved.init_image();
  if (image.has_guidance_scale() && image.guidance_scale() != 1) return parts + 2;
  return parts + (negative_matters ? 1 : 0);
}

}  // namespace darkroom::server
