#ifndef DARKROOM_SERVER_CORE_REQUEST_GATE_H_
#define DARKROOM_SERVER_CORE_REQUEST_GATE_H_

#include "common/await.h"
#include "scheduler/core/request_limiter.h"
#include "server/admission/tiers.h"
#include "server/core/caller.h"
#include "server/core/loop.h"

namespace darkroom::server {

// Holds the callers of all gateways to the requests that their tier allows. Loop thread only.
class RequestGate {
 public:
  // Loop and limiter outlive the gate, and what waits at it.
  RequestGate(Loop& loop, scheduler::RequestLimiter& limiter, Tiers tiers);

  // Counts a request of the caller. `done` runs on the loop: at once where the tier has no limit.
  // Errors are ApiErrors: RESOURCE_EXHAUSTED with QuotaFailure and the true wait in RetryInfo,
  // UNAVAILABLE while the store is away.
  void Pass(const Caller& caller, Done done);

 private:
  Loop& loop_;
  scheduler::RequestLimiter& limiter_;
  const Tiers tiers_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_REQUEST_GATE_H_
