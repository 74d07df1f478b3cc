#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_FLAGS_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_FLAGS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "scheduler/redis/connect.h"

namespace darkroom::scheduler {

// The flags of every program that connects to a pool: --redis, --redis_sentinels, --redis_master,
// --redis_password_file, --pool, --retention and --allow_unsafe_redis. Linking this library defines
// them, so only main programs do.

// What they say, once they are parsed. Reads the password's file. The first error of
// CheckRedisFlags.
absl::StatusOr<RedisOptions> RedisOptionsFromFlags();

// A status for each of them, which names the flag when it is wrong: INVALID_ARGUMENT for an address
// that is none, a pool that is no name, a retention below a second, and the errors of ReadFile.
std::vector<absl::Status> CheckRedisFlags();

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_FLAGS_H_
