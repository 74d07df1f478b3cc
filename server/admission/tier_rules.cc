#include "server/admission/tier_rules.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "server/admission/hires_rules.h"
#include "server/admission/violation_list.h"

namespace darkroom::server {
namespace {

using darkroom::v1::ImageParameters;

// Compares what is asked for with the limits of one tier.
class TierCheck {
 public:
  explicit TierCheck(const Tier& tier) : tier_(tier) {}

  void Steps(absl::string_view field, std::int64_t steps) {
    if (Within(steps, tier_.limits.steps)) return;
    Add(field, absl::StrCat("is ", steps), absl::StrCat(tier_.limits.steps));
  }
  void Images(std::int64_t images) {
    if (Within(images, tier_.limits.images)) return;
    Add("image_count", absl::StrCat("is ", images), absl::StrCat(tier_.limits.images));
  }
  void Pixels(absl::string_view field, std::int64_t pixels) {
    if (Within(pixels, tier_.limits.pixels)) return;
    Add(field, absl::StrCat("makes a picture of ", pixels, " pixels"),
        absl::StrCat(tier_.limits.pixels, ": make it smaller"));
  }

  std::vector<FieldViolation> violations() const { return violations_.InSchemaOrder(); }

 private:
  static bool Within(std::int64_t value, std::int64_t limit) {
    return limit == 0 || value <= limit;
  }
  void Add(absl::string_view field, absl::string_view is, absl::string_view limit) {
    violations_.Add(
        field, absl::StrCat(is, "; the tier \"", tier_.terms.tier, "\" allows at most ", limit));
  }

  const Tier& tier_;
  ViolationList violations_;
};

void CheckHires(const ImageParameters& resolved, TierCheck& check) {
  const darkroom::v1::HiresFix& hires = resolved.hires_fix();
  const naming::HiresSize size = SizeOfHires(resolved);
  check.Pixels(hires.has_scale()   ? "hires_fix.scale"
               : hires.has_width() ? "hires_fix.width"
                                   : "hires_fix.height",
               std::int64_t{size.scaled_width} * size.scaled_height);
  check.Steps("hires_fix.steps", hires.steps());
}

}  // namespace

std::vector<FieldViolation> CheckTierLimits(const Verdict& verdict, const Tier& tier) {
  const ImageParameters& resolved = verdict.resolved;
  TierCheck check(tier);
  if (resolved.has_upscale()) {
    const int upscalers = resolved.upscale().second_upscaler().empty() ? 1 : 2;
    check.Pixels(resolved.upscale().has_scale() ? "upscale.scale" : "upscale.width",
                 verdict.upscaled_pixels / upscalers);
    return check.violations();
  }
  check.Pixels("width", std::int64_t{resolved.width()} * resolved.height());
  check.Steps("steps", resolved.steps());
  check.Images(resolved.image_count());
  if (resolved.has_hires_fix()) CheckHires(resolved, check);
  return check.violations();
}

}  // namespace darkroom::server
