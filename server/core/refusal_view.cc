#include "server/core/refusal_view.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/core/api_error.h"

namespace darkroom::server {
namespace {

constexpr absl::Duration kStoreFullRetry = absl::Minutes(1);

}  // namespace

absl::Status QuotaError(absl::string_view error_reason, absl::string_view subject,
                        absl::string_view text, absl::Duration retry) {
  return WithRetry(WithQuota(ApiError(absl::StatusCode::kResourceExhausted, error_reason,
                                      absl::StrCat(text, "; try again later")),
                             subject, text),
                   retry);
}

absl::Status ViewRefusal(const scheduler::Refusal& refusal, const RefusedJob& job,
                         absl::Duration room) {
  const bool known = refusal.retry > absl::ZeroDuration();
  const absl::Duration retry =
      known ? refusal.retry
            : std::clamp(room, absl::Duration(absl::Seconds(1)), absl::Duration(absl::Minutes(1)));
  const std::string tenant = absl::StrCat("tenant:", job.tenant);
  const std::string tier = absl::StrCat("the most that the tier \"", job.terms.tier, "\" allows");
  switch (refusal.cause) {
    case scheduler::RefusalCause::kPoolFull:
      return QuotaError(
          reason::kQueueFull, "queue",
          absl::StrCat(job.max_queued, " jobs are waiting, the most that this server queues"),
          retry);
    case scheduler::RefusalCause::kTenantQueueFull:
      return QuotaError(reason::kTenantQueueFull, tenant,
                        absl::StrCat(job.terms.max_queued, " jobs of yours are waiting, ", tier),
                        retry);
    case scheduler::RefusalCause::kDailyDeviceTime:
      return QuotaError(reason::kDailyDeviceTimeUsed, tenant,
                        absl::StrCat("this job would take more than the ",
                                     absl::ToInt64Seconds(job.terms.daily_device_time),
                                     " s of device time a day (UTC), ", tier),
                        retry);
    case scheduler::RefusalCause::kStoreFull:
      break;
  }
  return WithRetry(ApiError(absl::StatusCode::kResourceExhausted, reason::kStoreFull,
                            "the job store is short of memory; try again later"),
                   known ? refusal.retry : kStoreFullRetry);
}

}  // namespace darkroom::server
