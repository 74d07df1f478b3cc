#ifndef DARKROOM_SERVER_CORE_REFUSAL_VIEW_H_
#define DARKROOM_SERVER_CORE_REFUSAL_VIEW_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "scheduler/core/refusal.h"
#include "scheduler/core/tier_terms.h"

namespace darkroom::server {

// What a refused submission was about.
struct RefusedJob {
  std::string tenant;
  std::string model;
  std::int64_t max_queued = 0;  // of the pool
  scheduler::TierTerms terms;
};

// RESOURCE_EXHAUSTED with QuotaFailure and RetryInfo; `text` says what the quota is.
absl::Status QuotaError(absl::string_view reason, absl::string_view subject, absl::string_view text,
                        absl::Duration retry);

// A store's refusal as the API tells it: RESOURCE_EXHAUSTED with a stable reason, RetryInfo and,
// but for a store that is short of memory, QuotaFailure, whose subject is "queue" or
// "tenant:{tenant}". Where the store does not know how long to wait, `room` is told: how long the
// workers take to make room for one job. Pure.
absl::Status ViewRefusal(const scheduler::Refusal& refusal, const RefusedJob& job,
                         absl::Duration room);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_REFUSAL_VIEW_H_
