#include "scheduler/redis/redis_memory.h"

#include <cstdint>

#include "scheduler/redis/redis_info.h"

namespace darkroom::scheduler {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(1);

}  // namespace

RedisMemory::RedisMemory(RedisLoop* loop, const Clock* clock)
    : loop_(loop), clock_(clock), short_(std::make_shared<std::atomic<bool>>(false)) {}

bool RedisMemory::Short() {
  {
    MutexLock lock(&mutex_);
    const absl::Time now = clock_->Now();
    if (now < next_look_) return *short_;
    next_look_ = now + kInterval;
  }
  loop_->Send({"INFO", "memory"}, [result = short_](const absl::StatusOr<RedisReply>& reply) {
    if (!reply.ok()) return;
    const std::int64_t most = InfoNumber(reply->text, "maxmemory");
    const std::int64_t used = InfoNumber(reply->text, "used_memory");
    *result = most > 0 && static_cast<double>(used) > kFull * static_cast<double>(most);
  });
  return *short_;
}

}  // namespace darkroom::scheduler
