#ifndef DARKROOM_SERVER_ADMISSION_TIERS_H_
#define DARKROOM_SERVER_ADMISSION_TIERS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "scheduler/core/request_limiter.h"
#include "scheduler/core/tier_terms.h"

namespace darkroom::server {

// The tier of callers who are of no other; there always is one.
inline constexpr absl::string_view kStandardTier = "standard";

// What one request may ask for; 0: whatever the model allows.
struct RequestLimits {
  std::int64_t pixels = 0;  // of the largest picture that is computed for it
  std::int64_t steps = 0;   // of either pass
  std::int64_t images = 0;
};

// What the tenants of a tier may do.
struct Tier {
  scheduler::TierTerms terms;
  RequestLimits limits;
  std::optional<scheduler::RequestRate> requests = {};  // none: as many as they like
};

// By name.
using Tiers = std::map<std::string, Tier, std::less<>>;

// The only tier of a server without a tier file: without limits.
inline Tiers StandardTierAlone() { return {{std::string(kStandardTier), Tier()}}; }

// The tier of this name. For one that is not known, as when it was taken out of the file while keys
// still name it, the standard one. `tiers` has that, and outlives what is returned.
inline const Tier& TierOf(const Tiers& tiers, absl::string_view name) {
  const auto found = tiers.find(name);
  return found != tiers.end() ? found->second : tiers.find(kStandardTier)->second;
}

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_TIERS_H_
