#ifndef DARKROOM_CLI_UP_REDIS_CONFIG_H_
#define DARKROOM_CLI_UP_REDIS_CONFIG_H_

#include <filesystem>
#include <string>
#include <vector>

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

// The command line that starts `program`, a redis-server, with this redis.conf over that data,
// after a log that was torn has been mended. Redis itself cuts it behind the last whole command,
// even in the middle of a transaction, and carries out the first half of that together with the
// next one at the start after; redis-check-aof, which has to be on PATH, cuts before it.
std::vector<std::string> RedisCommandLine(const std::filesystem::path& program,
                                          const std::filesystem::path& config,
                                          const std::filesystem::path& data);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_UP_REDIS_CONFIG_H_
