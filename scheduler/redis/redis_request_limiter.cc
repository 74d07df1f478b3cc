#include "scheduler/redis/redis_request_limiter.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "scheduler/redis/job_codec.h"

namespace darkroom::scheduler {
namespace {

absl::StatusOr<absl::Duration> DecodeWait(const RedisReply& reply) {
  return DecodeDuration(reply.text);
}

}  // namespace

void RedisRequestLimiter::Take(std::string tenant, RequestRate rate,
                               Callback<absl::Duration> done) {
  pool_->Run<absl::Duration>(
      lua::kTakeRequest,
      {std::move(tenant), EncodeDuration(rate.interval), absl::StrCat(rate.burst)}, &DecodeWait,
      std::move(done));
}

}  // namespace darkroom::scheduler
