#include "server/admission/denoiser_work.h"

#include "naming/sampler_names.h"
#include "prompt/composition.h"
#include "prompt/extra_networks.h"

namespace darkroom::server {
namespace {

// DPM adaptive makes as many steps as it finds necessary, whatever the request says.
constexpr absl::string_view kAdaptive = "DPM adaptive";
constexpr int kAdaptiveCalls = 90;

}  // namespace

int ScheduledCalls(const darkroom::v1::ImageParameters& resolved) {
  const naming::SamplerName* sampler = naming::FindSampler(resolved.sampler());
  return resolved.steps() * (sampler != nullptr && sampler->second_order ? 2 : 1);
}

int ExpectedCalls(const darkroom::v1::ImageParameters& resolved) {
  return resolved.sampler() == kAdaptive ? kAdaptiveCalls : ScheduledCalls(resolved);
}

int RowsPerCall(const darkroom::v1::ImageParameters& resolved) {
  const int parts = static_cast<int>(
      prompt::SplitComposition(prompt::TakeExtraNetworks(resolved.prompt()).text).size());
  const bool negative_matters = parts > 1 || resolved.guidance_scale() != 1;
  return parts + (negative_matters ? 1 : 0);
}

}  // namespace darkroom::server
