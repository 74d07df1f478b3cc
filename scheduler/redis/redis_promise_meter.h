#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_PROMISE_METER_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_PROMISE_METER_H_

#include <string>

#include "scheduler/core/promise_meter.h"
#include "scheduler/redis/redis_pool.h"

namespace darkroom::scheduler {

// PromiseMeter on Redis. `pool` must outlive it.
class RedisPromiseMeter : public PromiseMeter {
 public:
  explicit RedisPromiseMeter(const RedisPool* pool) : pool_(pool) {}

  void CountPromises(std::string tier, TierErrors errors, Done done) override;
  void ReadPromises(Callback<PromiseErrors> done) override;

 private:
  const RedisPool* const pool_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_PROMISE_METER_H_
