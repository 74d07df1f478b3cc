#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_POOL_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_POOL_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "scheduler/core/lease_store.h"
#include "scheduler/core/model_registry.h"
#include "scheduler/redis/keys.h"
#include "scheduler/redis/lua_scripts.h"
#include "scheduler/redis/redis_loop.h"

namespace darkroom::scheduler {

// Durations that all processes of a pool must agree on.
struct PoolOptions {
  absl::Duration lease = LeaseStore::kLeaseDuration;
  absl::Duration worker_timeout = ModelRegistry::kWorkerTimeout;
  absl::Duration retention = absl::Hours(1);  // of ended jobs and of results
};

// A pool of jobs on one Redis: what the ports' Redis implementations share. Thread-safe; `loop`
// must outlive it.
class RedisPool {
 public:
  RedisPool(RedisLoop* loop, absl::string_view pool, PoolOptions options)
      : loop_(loop), keys_(pool), options_(options) {}

  RedisLoop& loop() const { return *loop_; }
  const Keys& keys() const { return keys_; }
  const PoolOptions& options() const { return options_; }

  // Calls the function of a script on the pool's keys; `decode` turns its reply into the value for
  // `done`.
  template <typename T>
  void Run(const lua::LuaScript& script, std::vector<std::string> arguments,
           absl::StatusOr<T> (*decode)(const RedisReply&), Callback<T> done) const {
    loop_->Call(script, keys_.base(), std::move(arguments),
                [decode, done = std::move(done)](absl::StatusOr<RedisReply> reply) mutable {
                  if (!reply.ok()) return done(std::move(reply).status());
                  done(decode(*reply));
                });
  }

  // Calls one that returns 'ok' or the name of what went wrong.
  void RunDone(const lua::LuaScript& script, std::vector<std::string> arguments, Done done) const;

 private:
  RedisLoop* const loop_;
  const Keys keys_;
  const PoolOptions options_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_POOL_H_
