#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_GUARD_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_GUARD_H_

#include "absl/status/status.h"
#include "scheduler/redis/redis_loop.h"

namespace darkroom::scheduler {

// Checks that Redis keeps what it acknowledges: appendonly yes, appendfsync always,
// maxmemory-policy noeviction. FAILED_PRECONDITION names the setting and how to change it;
// UNAVAILABLE when Redis does not answer. Blocks; not for the loop's thread.
absl::Status CheckDurability(RedisLoop& loop);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_GUARD_H_
