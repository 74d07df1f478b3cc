#ifndef DARKROOM_COMMON_REDIS_TERMS_H_
#define DARKROOM_COMMON_REDIS_TERMS_H_

#include "absl/strings/string_view.h"

namespace darkroom {

// On what terms Redis may hold the jobs: the processes hold to it, and `darkroom doctor` explains
// it.

// A setting with which Redis keeps what it acknowledges.
struct DurableSetting {
  absl::string_view name;
  absl::string_view value;
  absl::string_view otherwise;  // what may happen
};

inline constexpr DurableSetting kDurableSettings[] = {
    {"appendonly", "yes", "a restart forgets every job"},
    {"appendfsync", "always", "a crash can lose jobs that were acknowledged"},
    {"maxmemory-policy", "noeviction", "jobs vanish when memory is short"},
};

// From here on it has functions, which the queue is made of.
inline constexpr int kLeastRedisVersion = 7;

// New work is refused above this part of maxmemory.
inline constexpr double kRedisFull = 0.8;

}  // namespace darkroom

#endif  // DARKROOM_COMMON_REDIS_TERMS_H_
