#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_FLAGS_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_FLAGS_H_

#include "absl/status/statusor.h"
#include "scheduler/redis/connect.h"

namespace darkroom::scheduler {

// What --redis, --redis_sentinels, --redis_master, --redis_password_file, --pool, --retention and
// --allow_unsafe_redis say, the flags of every program that connects to a pool; called once they
// are parsed. Reads the password's file. INVALID_ARGUMENT for an endpoint that is none, and the
// errors of ReadFile.
//
// Linking this library defines the flags, so only main programs do.
absl::StatusOr<RedisOptions> RedisOptionsFromFlags();

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_FLAGS_H_
