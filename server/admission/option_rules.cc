#include "server/admission/option_rules.h"

#include <google/protobuf/descriptor.h>

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "naming/sampler_names.h"

namespace darkroom::server {
namespace {

using darkroom::v1::GuidanceOptions;
using darkroom::v1::ImageParameters;
using darkroom::v1::SamplerOptions;
using darkroom::v1::ScheduleOptions;
using darkroom::v1::Variation;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

struct OptionLimit {
  int message;  // field of ImageParameters
  int field;    // of that message
  NumberRange range;
  double otherwise = 0;  // what unset means
};

constexpr OptionLimit kLimits[] = {
    {ImageParameters::kVariationFieldNumber, Variation::kStrengthFieldNumber, {0, 1}},
    {ImageParameters::kSamplerOptionsFieldNumber, SamplerOptions::kEtaFieldNumber, {0, 1}, 1},
    {ImageParameters::kSamplerOptionsFieldNumber, SamplerOptions::kSChurnFieldNumber, {0, 100}},
    {ImageParameters::kSamplerOptionsFieldNumber, SamplerOptions::kSTminFieldNumber, {0, 10}},
    {ImageParameters::kSamplerOptionsFieldNumber, SamplerOptions::kSTmaxFieldNumber, {0, 999}},
    {ImageParameters::kSamplerOptionsFieldNumber, SamplerOptions::kSNoiseFieldNumber, {0, 1.1}, 1},
    {ImageParameters::kScheduleOptionsFieldNumber, ScheduleOptions::kSigmaMinFieldNumber, {0, 10}},
    {ImageParameters::kScheduleOptionsFieldNumber, ScheduleOptions::kSigmaMaxFieldNumber, {0, 100}},
    {ImageParameters::kScheduleOptionsFieldNumber, ScheduleOptions::kRhoFieldNumber, {0, 100}},
    {ImageParameters::kScheduleOptionsFieldNumber,
     ScheduleOptions::kBetaAlphaFieldNumber,
     {0, 10, true},
     0.6},
    {ImageParameters::kScheduleOptionsFieldNumber,
     ScheduleOptions::kBetaBetaFieldNumber,
     {0, 10, true},
     0.6},
    {ImageParameters::kGuidanceOptionsFieldNumber, GuidanceOptions::kRescaleFieldNumber, {0, 1}},
    {ImageParameters::kGuidanceOptionsFieldNumber,
     GuidanceOptions::kMinNegativeSigmaFieldNumber,
     {0, 100}},
};

void ApplyLimit(const OptionLimit& limit, double otherwise, Resolution& request) {
  const FieldDescriptor* outer = request.resolved.GetDescriptor()->FindFieldByNumber(limit.message);
  const Reflection* reflection = request.resolved.GetReflection();
  if (!reflection->HasField(request.resolved, outer)) return;
  Message& options = *reflection->MutableMessage(&request.resolved, outer);
  const FieldDescriptor* field = options.GetDescriptor()->FindFieldByNumber(limit.field);
  if (!options.GetReflection()->HasField(options, field)) return;
  const double value = options.GetReflection()->GetDouble(options, field);
  request.violations.CheckRange(absl::StrCat(outer->name(), ".", field->name()), value,
                                limit.range);
  if (value == otherwise) {
    options.GetReflection()->ClearField(&options, field);
  } else {
    options.GetReflection()->SetDouble(&options, field, value + 0.0);  // −0 is 0
  }
}

void CheckSigmas(Resolution& request) {
  const ScheduleOptions& options = request.resolved.schedule_options();
  if (options.sigma_max() == 0 || options.sigma_max() > options.sigma_min()) return;
  if (request.violations.Blames("schedule_options.sigma_min") ||
      request.violations.Blames("schedule_options.sigma_max")) {
    return;
  }
  request.violations.Add("schedule_options.sigma_max",
                         absl::StrCat("is ", options.sigma_max(), "; it must be above sigma_min, ",
                                      options.sigma_min(), ", or 0 for the model's"));
}

// The eta that samplers have by themselves; without a value where those of the two passes have not
// the same, so that saying it makes a difference.
double DefaultEta(const ImageParameters& resolved) {
  const naming::SamplerName* sampler = naming::FindSampler(resolved.sampler());
  const double first = sampler != nullptr ? sampler->default_eta : 1;
  if (!resolved.has_hires_fix()) return first;
  const naming::SamplerName* second = naming::FindSampler(resolved.hires_fix().sampler());
  const bool differs = second != nullptr && second->default_eta != first;
  return differs ? std::numeric_limits<double>::quiet_NaN() : first;
}

template <typename Options>
bool IsEmpty(const Options& options) {
  return options.ByteSizeLong() == 0;
}

}  // namespace

void ResolveOptions(Resolution& request) {
  ImageParameters& resolved = request.resolved;
  for (const OptionLimit& limit : kLimits) {
    const bool is_eta = limit.message == ImageParameters::kSamplerOptionsFieldNumber &&
                        limit.field == SamplerOptions::kEtaFieldNumber;
    ApplyLimit(limit, is_eta ? DefaultEta(resolved) : limit.otherwise, request);
  }
  CheckSigmas(request);
  // Without a sigma below which the negative prompt is left out, it never is.
  if (resolved.guidance_options().min_negative_sigma() == 0 && resolved.has_guidance_options()) {
    resolved.mutable_guidance_options()->clear_skip_negative_at_every_call();
  }
  if (IsEmpty(resolved.sampler_options())) resolved.clear_sampler_options();
  if (IsEmpty(resolved.schedule_options())) resolved.clear_schedule_options();
  if (IsEmpty(resolved.guidance_options())) resolved.clear_guidance_options();
}

}  // namespace darkroom::server
