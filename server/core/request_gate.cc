#include "server/core/request_gate.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/core/api_error.h"
#include "server/core/refusal_view.h"
#include "server/core/within.h"

namespace darkroom::server {
namespace {

absl::Status TooManyRequests(const std::string& tenant, const Tier& tier, absl::Duration wait) {
  const std::string text = absl::StrCat(
      "the tier \"", tier.terms.tier, "\" allows ",
      absl::ToDoubleSeconds(absl::Seconds(1)) / absl::ToDoubleSeconds(tier.requests->interval),
      " requests a second, and ", tier.requests->burst, " at once");
  return QuotaError(reason::kTooManyRequests, absl::StrCat("tenant:", tenant), text, wait);
}

}  // namespace

RequestGate::RequestGate(Loop& loop, scheduler::RequestLimiter& limiter, Tiers tiers)
    : loop_(loop), limiter_(limiter), tiers_(std::move(tiers)) {}

void RequestGate::Pass(const Caller& caller, Done done) {
  const Tier& tier = TierOf(tiers_, caller.tier);
  if (!tier.requests.has_value()) return done(absl::OkStatus());
  limiter_.Take(
      caller.tenant, *tier.requests,
      Within<absl::Duration>(loop_, kStoreTimeout,
                             [tenant = caller.tenant, tier, done = std::move(done)](
                                 const absl::StatusOr<absl::Duration>& wait) mutable {
                               if (absl::IsResourceExhausted(wait.status())) {
                                 return done(ViewRefusal({scheduler::RefusalCause::kStoreFull}, {},
                                                         absl::ZeroDuration()));
                               }
                               if (!wait.ok()) return done(StoreError(wait.status()));
                               if (*wait == absl::ZeroDuration()) return done(absl::OkStatus());
                               done(TooManyRequests(tenant, tier, *wait));
                             }));
}

}  // namespace darkroom::server
