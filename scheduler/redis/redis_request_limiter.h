#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_REQUEST_LIMITER_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_REQUEST_LIMITER_H_

#include <string>

#include "scheduler/core/request_limiter.h"
#include "scheduler/redis/redis_pool.h"

namespace darkroom::scheduler {

// RequestLimiter on Redis. `pool` must outlive it.
class RedisRequestLimiter : public RequestLimiter {
 public:
  explicit RedisRequestLimiter(const RedisPool* pool) : pool_(pool) {}

  void Take(std::string tenant, RequestRate rate, Callback<absl::Duration> done) override;

 private:
  const RedisPool* const pool_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_REQUEST_LIMITER_H_
