#ifndef DARKROOM_CLI_DOCTOR_REDIS_PROBE_H_
#define DARKROOM_CLI_DOCTOR_REDIS_PROBE_H_

#include <string>
#include <vector>

#include "cli/doctor/redis_checks.h"

namespace darkroom::cli {

// Where a process looks for Redis, as its settings say it.
struct RedisPlace {
  std::string address;                 // "host:port", "[::1]:6379" or "host"
  std::vector<std::string> sentinels;  // of the same form; not empty: the address does not count
  std::string master;                  // whose address they are asked for
  std::string password_file;           // empty: none

  friend bool operator==(const RedisPlace&, const RedisPlace&) = default;
};

// Asks it, with a connection of its own; changes nothing there. Blocks, some seconds at most.
RedisFacts ProbeRedis(const RedisPlace& place);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_DOCTOR_REDIS_PROBE_H_
