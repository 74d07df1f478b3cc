#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_COMMANDS_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_COMMANDS_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "common/await.h"
#include "scheduler/redis/lua_scripts.h"
#include "scheduler/redis/redis_connection.h"

namespace darkroom::scheduler {

// The connection that carries commands, pipelined. A command fails with UNAVAILABLE at once while
// there is no connection, and when Redis does not answer within 1.5 s; then the connection is given
// up, since replies are told apart by their order alone. Error replies become a status
// (StatusOfError). Used on the io_context's thread only.
class RedisCommands : private RedisConnection::Listener {
 public:
  // `on_up` is called whenever the connection stands, `on_down` whenever it is lost.
  RedisCommands(boost::asio::io_context& io, RedisEndpoint endpoint, std::function<void()> on_up,
                std::function<void()> on_down);

  void Start() { connection_.Start(); }
  // Fails everything that waits for a reply.
  void Stop();

  void Send(const std::vector<std::string>& command, Callback<RedisReply> done);
  // Calls the script's function with the base of a pool's names. Redis is given the library
  // whenever a connection stands; should it have lost it since, it is given it again.
  void Call(const lua::LuaScript& script, const std::string& base,
            const std::vector<std::string>& arguments, Callback<RedisReply> done);

 private:
  struct Pending {
    std::chrono::steady_clock::time_point deadline;
    Callback<RedisReply> done;
    std::string call;  // the command, of a call that is repeated when there is no such function
  };

  void OnUp() override;
  void OnReply(RedisReply reply) override;
  void OnDown(const absl::Status& why) override;

  void Enqueue(std::string bytes, Pending pending);
  void LoadLibrary();
  void WatchOldest();

  boost::asio::steady_timer timer_;
  bool watching_ = false;
  std::deque<Pending> pending_;  // oldest first
  std::function<void()> on_up_;
  std::function<void()> on_down_;
  RedisConnection connection_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_COMMANDS_H_
