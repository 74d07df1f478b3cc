#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_LOOP_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_LOOP_H_

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/await.h"
#include "common/mutex.h"
#include "scheduler/core/event_bus.h"
#include "scheduler/redis/lua_scripts.h"
#include "scheduler/redis/redis_commands.h"
#include "scheduler/redis/redis_subscriber.h"

namespace darkroom::scheduler {

// The one thread of a process that talks to Redis, with its two connections. All ports share it.
//
// Callbacks and hints run on that thread and must not block. While Redis cannot be reached commands
// fail with UNAVAILABLE, in less than 2 s even when it is connected but silent. After a lost
// connection is back, every subscription is renewed and every hint called once.
//
// Thread-safe. Destroyed on another thread than its own, after all its subscriptions; what waits
// for a reply then fails with UNAVAILABLE.
class RedisLoop {
 public:
  explicit RedisLoop(const RedisEndpoint& endpoint);
  ~RedisLoop();
  RedisLoop(const RedisLoop&) = delete;
  RedisLoop& operator=(const RedisLoop&) = delete;

  // UNAVAILABLE when there is no connection within `timeout`.
  absl::Status WaitUntilUp(absl::Duration timeout);

  void Send(std::vector<std::string> command, Callback<RedisReply> done);
  // Calls the function of a script, which lives for ever, with the base of a pool's names.
  void Call(const lua::LuaScript& script, std::string base, std::vector<std::string> arguments,
            Callback<RedisReply> done);

  std::unique_ptr<Subscription> Subscribe(std::string channel, EventBus::Hint hint);

 private:
  class ChannelSubscription;

  void SetUp(bool up);

  Mutex mutex_;
  bool up_ ABSL_GUARDED_BY(mutex_) = false;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  RedisSubscriber subscriber_;  // the loop's thread only, as commands_
  RedisCommands commands_;
  std::thread thread_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_LOOP_H_
