#include "server/admission/hires_rules.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "naming/upscale_plan.h"
#include "server/admission/count_rules.h"
#include "server/admission/name_choice.h"
#include "server/admission/name_rules.h"
#include "server/admission/size_rules.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;

// AUTOMATIC1111's, of its page.
constexpr double kDefaultHiresScale = 2;
constexpr NumberRange kHiresScale = {.least = 1, .most = 4};
constexpr double kDefaultHiresStrength = 0.7;
constexpr NumberRange kHiresStrength = {.least = 0, .most = 1, .above_least = true};

// Whether what is asked for can be computed.
bool CheckAskedSize(Resolution& request) {
  v1::HiresFix& hires = *request.resolved.mutable_hires_fix();
  ViolationList& violations = request.violations;
  if (hires.width() == 0) hires.clear_width();
  if (hires.height() == 0) hires.clear_height();
  if (!hires.has_width() && !hires.has_height()) {
    if (!hires.has_scale()) hires.set_scale(kDefaultHiresScale);
    return violations.CheckRange("hires_fix.scale", hires.scale(), kHiresScale);
  }
  bool good = true;
  if (hires.has_scale()) {
    violations.Add("hires_fix.scale", "cannot be used with width or height; leave one of them out");
    good = false;
  }
  if (hires.has_width()) {
    good &= CheckSide("hires_fix.width", hires.width(), request.model, violations);
  }
  if (hires.has_height()) {
    good &= CheckSide("hires_fix.height", hires.height(), request.model, violations);
  }
  return good;
}

// What is wrong with the size that comes of it; empty when nothing is.
std::string DescribeHiresSize(const naming::HiresSize& size, const v1::Model& model) {
  const int multiple = std::max(model.size_multiple(), 1);
  if (std::min(size.width, size.height) < multiple || size.width % multiple != 0 ||
      size.height % multiple != 0) {
    return absl::StrCat("makes a picture of ", size.width, " x ", size.height,
                        "; the model makes multiples of ", multiple);
  }
  const std::int64_t pixels = std::int64_t{size.scaled_width} * size.scaled_height;
  if (std::max(size.scaled_width, size.scaled_height) <= model.max_side() &&
      pixels <= model.max_pixels()) {
    return "";
  }
  return absl::StrCat("scales the picture to ", size.scaled_width, " x ", size.scaled_height,
                      "; the model allows at most ", model.max_side(), " a side and ",
                      DescribePixelBound(model), ": make it smaller");
}

void ResolveHiresSize(Resolution& request) {
  const bool good = CheckAskedSize(request);
  const bool begun_well = !request.violations.Blames("width") &&
                          !request.violations.Blames("height") && request.resolved.width() > 0 &&
                          request.resolved.height() > 0;
  if (!good || !begun_well || request.model == nullptr) return;
  const std::string wrong = DescribeHiresSize(SizeOfHires(request.resolved), *request.model);
  if (wrong.empty()) return;
  const v1::HiresFix& hires = request.resolved.hires_fix();
  const absl::string_view field = hires.has_scale()   ? "hires_fix.scale"
                                  : hires.has_width() ? "hires_fix.width"
                                                      : "hires_fix.height";
  request.violations.Add(field, wrong);
}

// Where the size is bad, nothing is said of how it is reached.
void ResolveNetwork(const darkroom::internal::v1::ListedUpscaler& listed, Resolution& request) {
  const v1::Upscaler& upscaler = listed.upscaler();
  request.resolved.mutable_hires_fix()->set_upscaler(upscaler.name());
  if (request.model == nullptr || !request.violations.InSchemaOrder().empty()) return;
  const v1::ImageParameters& first = request.resolved;
  const naming::HiresSize size = SizeOfHires(first);
  const naming::UpscalePlan plan =
      naming::PlanUpscale(first.width(), first.height(), size.scaled_width, size.scaled_height,
                          std::max(upscaler.scale(), 1));
  if (plan.largest_width * plan.largest_height > naming::kMaxUpscaledPixels) {
    request.violations.Add(
        "hires_fix.upscaler",
        absl::StrCat("makes a picture of ", plan.largest_width, " x ", plan.largest_height,
                     " on the way to the size, at most ", naming::kMaxUpscaledPixels,
                     " pixels are possible; take one of a smaller scale than ", upscaler.scale()));
  }
  request.upscale_operations = static_cast<double>(listed.operations_per_pixel()) *
                               static_cast<double>(plan.pixels) * first.image_count();
}

void ResolveUpscaler(Resolution& request) {
  v1::HiresFix& hires = *request.resolved.mutable_hires_fix();
  if (const naming::UpscalerName* found = naming::FindUpscaler(hires.upscaler())) {
    hires.set_upscaler(std::string(found->name));
    return;
  }
  std::vector<std::string> known;
  for (const naming::UpscalerName& upscaler : naming::Upscalers()) {
    known.emplace_back(upscaler.name);
  }
  if (const AdapterIndex* files = request.catalogue.adapters; files != nullptr) {
    if (const auto* listed = files->FindUpscaler(hires.upscaler())) {
      return ResolveNetwork(*listed, request);
    }
    for (const auto& listed : files->upscalers()) known.push_back(listed.upscaler().name());
  }
  request.violations.Add("hires_fix.upscaler",
                         DescribeUnknownName("upscaler", hires.upscaler(), known));
}

void ResolveStrengthAndSteps(Resolution& request) {
  v1::HiresFix& hires = *request.resolved.mutable_hires_fix();
  ViolationList& violations = request.violations;
  const v1::Model* model = request.model;
  const int most = model != nullptr ? std::min(model->max_steps(), kMaxSteps) : kMaxSteps;
  if (!hires.has_strength()) hires.set_strength(kDefaultHiresStrength);
  bool good = violations.CheckRange("hires_fix.strength", hires.strength(), kHiresStrength);
  good &= violations.CheckRange("hires_fix.steps", std::int64_t{hires.steps()}, 0, most);
  if (!good || violations.Blames("steps")) return;
  if (hires.steps() == 0) hires.set_steps(request.resolved.steps());
  const std::int64_t laid_out = naming::HiresScheduleSteps(hires.strength(), hires.steps());
  if (laid_out <= naming::kMaxHiresScheduleSteps) return;
  violations.Add(
      "hires_fix.strength",
      absl::StrCat("is ", hires.strength(), ", at which the ", hires.steps(),
                   " steps are the last of ", laid_out, "; at most ",
                   naming::kMaxHiresScheduleSteps, " are allowed: raise it or take fewer steps"));
}

void ResolveGuidanceOfHires(Resolution& request) {
  v1::HiresFix& hires = *request.resolved.mutable_hires_fix();
  if (hires.has_guidance_scale()) {
    request.violations.CheckRange("hires_fix.guidance_scale", hires.guidance_scale(),
                                  kGuidanceScale);
  } else {
    hires.set_guidance_scale(request.resolved.guidance_scale());
  }
}

}  // namespace

void ResolveHiresFix(Resolution& request) {
  if (!request.asked.has_hires_fix()) return;
  if (request.asked.has_init_image()) {
    request.violations.Add("hires_fix",
                           "cannot be used with init_image; make that picture larger with width "
                           "and height");
  }
  ResolveHiresSize(request);
  ResolveUpscaler(request);
  ResolveStrengthAndSteps(request);
  ResolveSamplerOfHires(request);
  ResolveGuidanceOfHires(request);
}

naming::HiresSize SizeOfHires(const v1::ImageParameters& resolved) {
  const v1::HiresFix& hires = resolved.hires_fix();
  if (hires.has_scale()) {
    return naming::ScaledBy(resolved.width(), resolved.height(), hires.scale());
  }
  return naming::ResizedTo(resolved.width(), resolved.height(), hires.width(), hires.height());
}

}  // namespace darkroom::server
