#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_MEMORY_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_MEMORY_H_

#include <atomic>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "common/redis_terms.h"
#include "scheduler/redis/redis_loop.h"

namespace darkroom::scheduler {

// Watches how full Redis is, so that new work is refused while there is still room to finish the
// old. It asks at most once a second, only when it is asked itself, and answers with what it knew
// before. Thread-safe; `loop` must outlive it.
class RedisMemory {
 public:
  // New work is refused above this part of maxmemory.
  static constexpr double kFull = kRedisFull;

  explicit RedisMemory(RedisLoop* loop, const Clock* clock = &Clock::System());

  // True when Redis was over kFull of its maxmemory at the last look. Never where it has none.
  bool Short();

 private:
  RedisLoop* const loop_;
  const Clock* const clock_;
  const std::shared_ptr<std::atomic<bool>> short_;  // shared with the answer under way
  Mutex mutex_;
  absl::Time next_look_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_MEMORY_H_
