#ifndef DARKROOM_SCHEDULER_CORE_REQUEST_LIMITER_H_
#define DARKROOM_SCHEDULER_CORE_REQUEST_LIMITER_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/await.h"

namespace darkroom::scheduler {

// How often a tenant may ask.
struct RequestRate {
  absl::Duration interval;  // between requests in the long run, 1 µs to a day
  std::int64_t burst = 1;   // that may come at once after a pause, at least 1

  friend bool operator==(const RequestRate&, const RequestRate&) = default;
};

// Limits requests of tenants, counted together over all gateways of a pool: a token bucket in the
// form of the generic cell rate algorithm (ITU-T I.371, virtual scheduling), whose state is one
// time a tenant. Time is the store's.
//
// Callbacks and thread-safety as for JobQueue; UNAVAILABLE likewise.
class RequestLimiter {
 public:
  virtual ~RequestLimiter() = default;

  // Counts a request of the tenant, a catalogue id, and returns zero; or counts nothing and returns
  // how long it must wait until one would be let through. RESOURCE_EXHAUSTED when the store is
  // short of memory.
  virtual void Take(std::string tenant, RequestRate rate, Callback<absl::Duration> done) = 0;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_REQUEST_LIMITER_H_
