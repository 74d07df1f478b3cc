#ifndef DARKROOM_CLI_UP_REDIS_CONFIG_H_
#define DARKROOM_CLI_UP_REDIS_CONFIG_H_

#include <filesystem>
#include <string>

namespace darkroom::cli {

// What is particular about the redis-server of one local stack.
struct RedisSettings {
  int port = 0;
  std::filesystem::path data;  // folder of the append-only file; exists
  std::string max_memory = "512mb";
  std::string password;  // letters and digits; empty: none
};

// The text of its redis.conf: reachable from this machine only, every acknowledged write on the
// disk, no key ever evicted.
std::string RedisConfig(const RedisSettings& settings);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_UP_REDIS_CONFIG_H_
