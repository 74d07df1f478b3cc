#include "server/admission/request_validator.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/admission/count_rules.h"
#include "server/admission/enum_text.h"
#include "server/admission/hires_rules.h"
#include "server/admission/init_image_rules.h"
#include "server/admission/margin_rules.h"
#include "server/admission/mask_rules.h"
#include "server/admission/name_rules.h"
#include "server/admission/option_rules.h"
#include "server/admission/prompt_rules.h"
#include "server/admission/seed_rules.h"
#include "server/admission/size_rules.h"
#include "server/admission/upscale_rules.h"

namespace darkroom::server {
namespace {

constexpr std::int64_t kMaxSeedDelta = 4'294'967'295;

void ResolveGuidance(Resolution& request) {
  if (request.asked.has_guidance_scale()) {
    request.violations.CheckRange("guidance_scale", request.asked.guidance_scale(), kGuidanceScale);
  } else if (request.model != nullptr) {
    request.resolved.set_guidance_scale(request.model->default_guidance_scale());
  }
}

void ResolveSeedDelta(Resolution& request) {
  const std::int64_t delta = request.asked.eta_seed_delta();
  request.violations.CheckRange("eta_seed_delta", delta, -kMaxSeedDelta, kMaxSeedDelta);
  request.resolved.set_eta_seed_delta(delta);
}

void ResolveEnums(Resolution& request) {
  namespace v1 = darkroom::v1;
  v1::ImageParameters& resolved = request.resolved;
  if (resolved.noise_source() == v1::NOISE_SOURCE_UNSPECIFIED) {
    resolved.set_noise_source(v1::NOISE_SOURCE_PHILOX);
  } else if (!v1::NoiseSource_IsValid(resolved.noise_source())) {
    request.violations.Add(
        "noise_source", DescribeUnknownValue(*v1::NoiseSource_descriptor(), resolved.noise_source(),
                                             "noise source"));
  }
  if (resolved.emphasis() == v1::EMPHASIS_UNSPECIFIED) {
    resolved.set_emphasis(v1::EMPHASIS_ORIGINAL);
  } else if (!v1::Emphasis_IsValid(resolved.emphasis())) {
    request.violations.Add("emphasis", DescribeUnknownValue(*v1::Emphasis_descriptor(),
                                                            resolved.emphasis(), "emphasis"));
  }
}

// A picture that is made, or made anew.
void ResolvePicture(Resolution& request, DrawSeed draw_seed) {
  ResolveInitImage(request);
  ResolveMargins(request);
  ResolveMask(request);
  ResolveSizes(request);
  ResolveCounts(request);
  ResolveSamplerAndSchedule(request);
  ResolveGuidance(request);
  ResolveHiresFix(request);
  ResolveSeedDelta(request);
  ResolveOptions(request);
  ResolveSeeds(request, draw_seed);
  ResolveEnums(request);
  ResolvePrompts(request);
}

}  // namespace

Verdict ValidateParameters(const darkroom::v1::ImageParameters& asked, const Catalogue& catalogue,
                           DrawSeed draw_seed, const Inputs& inputs) {
  Resolution request = {.asked = asked, .catalogue = catalogue, .inputs = inputs};
  request.resolved.DiscardUnknownFields();
  ResolveModel(request);
  if (asked.has_upscale()) {
    ResolveUpscale(request);
  } else {
    ResolvePicture(request, draw_seed);
  }
  Verdict verdict;
  verdict.violations = request.violations.InSchemaOrder();
  verdict.resolved = std::move(request.resolved);
  verdict.upscale_operations = request.upscale_operations;
  verdict.upscaled_pixels = request.upscaled_pixels;
  if (request.model != nullptr) {
    verdict.model = std::string(absl::StripPrefix(verdict.resolved.model(), "models/"));
  }
  return verdict;
}

std::vector<FieldViolation> ValidateRequestId(absl::string_view request_id) {
  if (request_id.size() > kMaxRequestIdBytes) {
    return {{"request_id", absl::StrCat("has ", request_id.size(), " characters; at most ",
                                        kMaxRequestIdBytes, " are allowed")}};
  }
  const bool printable = std::all_of(request_id.begin(), request_id.end(),
                                     [](char c) { return c >= 0x20 && c <= 0x7E; });
  if (!printable) return {{"request_id", "has characters other than printable ASCII"}};
  return {};
}

}  // namespace darkroom::server
