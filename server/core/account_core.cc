#include "server/core/account_core.h"

#include "server/core/job_view.h"

namespace darkroom::server {

void AccountCore::GetAccount(const Caller& caller, const darkroom::v1::GetAccountRequest&,
                             Callback<darkroom::v1::Account> done) const {
  darkroom::v1::Account account;
  if (caller.tenant.empty()) return done(std::move(account));
  const Tier& tier = TierOf(tiers_, caller.tier);
  account.set_tenant(caller.tenant);
  account.set_tier(tier.terms.tier);
  account.mutable_scopes()->Assign(caller.scopes.begin(), caller.scopes.end());
  account.set_max_queued_jobs(tier.terms.max_queued);
  account.set_max_running_jobs(tier.terms.max_running);
  if (tier.terms.daily_device_time != absl::InfiniteDuration()) {
    *account.mutable_daily_device_time() = ToDuration(tier.terms.daily_device_time);
  }
  account.set_max_pixels(tier.limits.pixels);
  account.set_max_steps(tier.limits.steps);
  account.set_max_images(tier.limits.images);
  done(std::move(account));
}

}  // namespace darkroom::server
