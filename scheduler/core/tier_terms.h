#ifndef DARKROOM_SCHEDULER_CORE_TIER_TERMS_H_
#define DARKROOM_SCHEDULER_CORE_TIER_TERMS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace darkroom::scheduler {

// What a tenant's tier means to the queue. It comes with every submission, so that the queue keeps
// no list of tiers; of two submissions of a tenant the newer one's terms count for what is decided
// about it.
struct TierTerms {
  std::string tier = "standard";  // catalogue id
  // Device time of tiers that have work is in proportion to it, 1 to 1000. Tenants of one tier
  // share alike.
  std::int64_t weight = 1;
  std::int64_t max_queued = 0;   // jobs of the tenant that wait; 0: no limit
  std::int64_t max_running = 0;  // jobs of the tenant that are leased at once; 0: no limit
  // Predicted device time that the tenant may submit in a day (UTC), corrected to the measured.
  absl::Duration daily_device_time = absl::InfiniteDuration();
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_TIER_TERMS_H_
