#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_GUARD_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_GUARD_H_

#include "absl/status/status.h"
#include "scheduler/redis/keys.h"
#include "scheduler/redis/redis_loop.h"

namespace darkroom::scheduler {

// Checks that Redis has functions, as it has from 7.0 on. FAILED_PRECONDITION when it has none, or
// does not let this user have any; UNAVAILABLE when it does not answer. Blocks; not for the loop's
// thread.
absl::Status CheckFunctions(RedisLoop& loop);

// Checks that Redis keeps what it acknowledges: appendonly yes, appendfsync always,
// maxmemory-policy noeviction. FAILED_PRECONDITION names the setting and how to change it;
// UNAVAILABLE when Redis does not answer. Blocks, as above.
absl::Status CheckDurability(RedisLoop& loop);

// Checks that the pool's keys are laid out in a way that this program knows. FAILED_PRECONDITION
// when a later version has changed that; UNAVAILABLE and blocking as above.
absl::Status CheckLayout(RedisLoop& loop, const Keys& keys);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_GUARD_H_
