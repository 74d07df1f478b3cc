#ifndef DARKROOM_TESTS_CONTRACT_REDIS_SERVER_H_
#define DARKROOM_TESTS_CONTRACT_REDIS_SERVER_H_

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "scheduler/redis/redis_connection.h"

namespace darkroom::scheduler {

// A real redis-server of its own: a free port, a temporary folder, every write on disk before it is
// acknowledged. Killed, and its folder removed, at the end. Not thread-safe. A server that cannot
// be started ends the test program.
class RedisServer {
 public:
  // `settings` are further arguments of redis-server ({"--maxmemory", "3mb"}).
  explicit RedisServer(std::vector<std::string> settings = {});
  // A Sentinel that fails over to a replica of `master` a second after it is gone.
  static std::unique_ptr<RedisServer> Sentinel(const RedisServer& master);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // The one that all tests of this program can share by taking a pool each.
  static RedisServer& Shared();

  const RedisEndpoint& endpoint() const { return endpoint_; }

  // kill -9: nothing that was not on disk survives.
  void Kill();
  // Starts it again on the same port and folder.
  void Restart();
  // SIGSTOP: connections stay, answers do not come; and SIGCONT.
  void Hang();
  void GoOn();

 private:
  struct SentinelTag {};
  RedisServer(SentinelTag, const RedisServer& master);
  void MakeFolder();
  void Start();

  const std::vector<std::string> settings_;
  bool is_sentinel_ = false;
  std::filesystem::path folder_;
  RedisEndpoint endpoint_;
  pid_t pid_ = -1;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_TESTS_CONTRACT_REDIS_SERVER_H_
