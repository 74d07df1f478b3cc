#ifndef DARKROOM_SCHEDULER_CORE_REFUSAL_H_
#define DARKROOM_SCHEDULER_CORE_REFUSAL_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace darkroom::scheduler {

// Why a store takes no more jobs.
enum class RefusalCause {
  kStoreFull,        // short of memory
  kPoolFull,         // Submission::max_queued
  kTenantQueueFull,  // TierTerms::max_queued
  kDailyDeviceTime,  // TierTerms::daily_device_time
};

struct Refusal {
  RefusalCause cause = RefusalCause::kStoreFull;
  // Until the cause is sure to be gone; zero when only the work of others tells.
  absl::Duration retry = absl::ZeroDuration();

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

// RESOURCE_EXHAUSTED that says so.
absl::Status RefusalError(const Refusal& refusal);
// What such a status says; none of any other.
std::optional<Refusal> RefusalOf(const absl::Status& status);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_REFUSAL_H_
