#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_SUBSCRIBER_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_SUBSCRIBER_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scheduler/core/hint_slot.h"
#include "scheduler/redis/redis_connection.h"

namespace darkroom::scheduler {

// The connection that carries subscriptions (in RESP2 it can carry nothing else). Several hints can
// share a channel. A hint is called when its channel's subscription begins to work, now or after a
// lost connection, and on each message. Used on the io_context's thread only.
class RedisSubscriber : private RedisConnection::Listener {
 public:
  RedisSubscriber(boost::asio::io_context& io, RedisEndpoint endpoint);

  void Start();
  void Stop();

  void Add(const std::string& channel, std::shared_ptr<HintSlot> slot);
  void Remove(const std::string& channel, const std::shared_ptr<HintSlot>& slot);
  void CallAll();

 private:
  void OnUp() override;
  void OnReply(RedisReply reply) override;
  void OnDown(const absl::Status& why) override;

  void Call(const std::string& channel);
  void Ping();

  boost::asio::steady_timer timer_;
  bool stopped_ = false;
  bool answered_ = true;  // something has arrived since the last ping
  std::map<std::string, std::vector<std::shared_ptr<HintSlot>>> channels_;
  RedisConnection connection_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_SUBSCRIBER_H_
