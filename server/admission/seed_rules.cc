#include "server/admission/seed_rules.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"

namespace darkroom::server {
namespace {

// The seed of the first image; the last one's is this plus `rise`.
std::int64_t ResolveSeed(absl::string_view field, std::optional<std::int64_t> asked,
                         std::int64_t rise, DrawSeed draw_seed, ViolationList& violations) {
  if (asked.value_or(-1) == -1) return std::min<std::int64_t>(draw_seed(), kMaxSeed - rise);
  if (violations.CheckRange(field, *asked, -1, kMaxSeed) && *asked + rise > kMaxSeed) {
    violations.Add(
        field, absl::StrCat("is ", *asked, ", so that the last of ", rise + 1, " images has seed ",
                            *asked + rise, "; seeds end at ", kMaxSeed));
  }
  return *asked;
}

}  // namespace

void ResolveSeeds(Resolution& request, DrawSeed draw_seed) {
  const darkroom::v1::ImageParameters& asked = request.asked;
  darkroom::v1::ImageParameters& resolved = request.resolved;
  ViolationList& violations = request.violations;
  const std::int64_t rise =
      violations.Blames("image_count") ? 0 : std::int64_t{resolved.image_count()} - 1;
  // A variation's images differ by its seed alone.
  const bool varies = resolved.variation().strength() != 0;
  resolved.set_seed(ResolveSeed("seed",
                                asked.has_seed() ? std::optional(asked.seed()) : std::nullopt,
                                varies ? 0 : rise, draw_seed, violations));
  const std::optional<std::int64_t> variation_seed =
      asked.variation().has_seed() ? std::optional(asked.variation().seed()) : std::nullopt;
  if (varies) {
    resolved.mutable_variation()->set_seed(
        ResolveSeed("variation.seed", variation_seed, rise, draw_seed, violations));
  } else {
    violations.CheckRange("variation.seed", variation_seed.value_or(-1), -1, kMaxSeed);
    resolved.clear_variation();
  }
}

}  // namespace darkroom::server
