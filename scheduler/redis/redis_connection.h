#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_CONNECTION_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_CONNECTION_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "scheduler/redis/resp_codec.h"

namespace darkroom::scheduler {

struct RedisAddress {
  std::string host = "127.0.0.1";
  int port = 6379;
};

struct RedisEndpoint {
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string password;  // empty: none
  // Sentinels that are asked, before every attempt, where the master of this name is; then host and
  // port are not used. They have no password. Empty: none are asked.
  std::vector<RedisAddress> sentinels;
  std::string master = "mymaster";
};

// One TCP connection to Redis that comes back by itself: after it is lost it is tried again with a
// jittered back-off of 50 ms to 1 s, for ever. Only hiredis' parser is used, the socket is Asio's:
// hiredis' own asynchronous contexts neither reconnect nor, before 1.1, survive an unsubscribe that
// races a subscribe.
//
// With sentinels each attempt asks one of them, in turn, and a server that does not call itself the
// master is not taken (redis.io, "Guidelines for Redis clients with support for Redis Sentinel").
//
// Used, and destroyed, on the thread that runs the io_context, or after it has stopped.
class RedisConnection {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // The connection stands, is authenticated, and Redis has loaded its data.
    virtual void OnUp() = 0;
    // A reply has arrived, in the order of the commands.
    virtual void OnReply(RedisReply reply) = 0;
    // The connection that was up is lost; replies that have not come never will.
    virtual void OnDown(const absl::Status& why) = 0;
  };

  // `listener` must outlive the connection.
  RedisConnection(boost::asio::io_context& io, RedisEndpoint endpoint, Listener* listener);
  ~RedisConnection();

  void Start();
  // Closes the connection for good; OnDown is called if it was up.
  void Stop();

  bool up() const;
  // Only while up. Bytes are sent in order.
  void Send(std::string bytes);
  // Gives the connection up and makes a new one; for a peer that does not answer.
  void Drop(const absl::Status& why);

 private:
  struct Session;

  void Connect();
  // Begins a session with a sentinel, or with Redis itself.
  void ConnectTo(const RedisAddress& address, bool is_sentinel);
  void Handshake(const std::shared_ptr<Session>& session);
  void GoToMaster(const RedisReply& address);
  void Read(const std::shared_ptr<Session>& session);
  void Write(const std::shared_ptr<Session>& session);
  void Handle(Session& session, RedisReply reply);
  void TryAgainLater();

  boost::asio::io_context& io_;
  const RedisEndpoint endpoint_;
  Listener* const listener_;
  boost::asio::steady_timer timer_;   // of the handshake, and between attempts
  std::shared_ptr<Session> session_;  // null between attempts
  bool stopped_ = false;
  int failures_ = 0;          // attempts in a row
  std::size_t sentinel_ = 0;  // the one to ask next
  std::minstd_rand random_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_CONNECTION_H_
