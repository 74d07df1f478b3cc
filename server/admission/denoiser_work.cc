#include "server/admission/denoiser_work.h"

#include "naming/img2img_steps.h"
#include "naming/sampler_names.h"
#include "prompt/composition.h"
#include "prompt/extra_networks.h"
#include "server/admission/hires_rules.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;

// DPM adaptive makes as many steps as it finds necessary, whatever the request says.
constexpr absl::string_view kAdaptive = "DPM adaptive";
constexpr int kAdaptiveCalls = 90;

// Calls of a step.
int Order(absl::string_view sampler_name) {
  const naming::SamplerName* sampler = naming::FindSampler(sampler_name);
  return sampler != nullptr && sampler->second_order ? 2 : 1;
}

}  // namespace

v1::ImageParameters HiresPass(const v1::ImageParameters& resolved) {
  const v1::HiresFix& hires = resolved.hires_fix();
  const naming::HiresSize size = SizeOfHires(resolved);
  v1::ImageParameters pass = resolved;
  pass.clear_hires_fix();
  pass.set_width(size.width);
  pass.set_height(size.height);
  pass.set_steps(hires.steps());
  pass.set_sampler(hires.sampler());
  pass.set_schedule(hires.schedule());
  pass.set_guidance_scale(hires.guidance_scale());
  if (!hires.prompt().empty()) pass.set_prompt(hires.prompt());
  if (!hires.negative_prompt().empty()) pass.set_negative_prompt(hires.negative_prompt());
  return pass;
}

int ScheduledCalls(const v1::ImageParameters& resolved) {
  return resolved.steps() * Order(resolved.sampler());
}

int ScheduledCalls(const v1::HiresFix& resolved) {
  return resolved.steps() * Order(resolved.sampler());
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
