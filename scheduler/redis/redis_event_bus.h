#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_EVENT_BUS_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_EVENT_BUS_H_

#include <memory>
#include <string>
#include <vector>

#include "scheduler/core/event_bus.h"
#include "scheduler/redis/redis_pool.h"

namespace darkroom::scheduler {

// EventBus on Redis. `pool` must outlive it and its subscriptions.
class RedisEventBus : public EventBus {
 public:
  explicit RedisEventBus(const RedisPool* pool) : pool_(pool) {}

  void Append(LeaseKey key, WorkerEvent event, Done done) override;
  void Read(absl::string_view id, std::int64_t after, int limit,
            Callback<std::vector<JobEvent>> done) override;
  std::unique_ptr<Subscription> Subscribe(Topic topic, Hint hint) override;
  void PutPreview(LeaseKey key, int image, std::string jpeg, Done done) override;
  void GetPreview(absl::string_view id, int image, Callback<std::string> done) override;

 private:
  const RedisPool* const pool_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_EVENT_BUS_H_
