#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_STORE_METER_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_STORE_METER_H_

#include "scheduler/core/store_meter.h"
#include "scheduler/redis/redis_loop.h"

namespace darkroom::scheduler {

// StoreMeter of a Redis server, by INFO. `loop` must outlive it.
class RedisStoreMeter : public StoreMeter {
 public:
  explicit RedisStoreMeter(RedisLoop* loop) : loop_(loop) {}

  void MeasureStore(Callback<StoreUsage> done) override;

 private:
  RedisLoop* const loop_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_STORE_METER_H_
