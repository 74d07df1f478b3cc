#ifndef DARKROOM_SERVER_HTTP_CONNECTION_H_
#define DARKROOM_SERVER_HTTP_CONNECTION_H_

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "server/http/entrance.h"
#include "server/http/exchange.h"
#include "server/http/origin_policy.h"
#include "server/http/request_meter.h"
#include "server/http/request_reader.h"
#include "server/http/wire.h"

namespace darkroom::server::http {

// What one client may take of the server.
struct Limits {
  std::size_t head_bytes = 16 << 10;
  std::size_t all_bodies_bytes = std::size_t{512} << 20;  // of all connections together
  absl::Duration idle = absl::Seconds(75);                // between two requests
  absl::Duration head = absl::Seconds(10);
  absl::Duration body = absl::Seconds(120);
  absl::Duration write = absl::Seconds(30);  // without a byte being taken
  absl::Duration linger = absl::Seconds(5);  // for a client to stop sending what is not read
};

class Connection;

// What the connections of one listener share.
struct ConnectionGroup {
  const Entrance& entrance;
  const OriginPolicy& origins;
  RequestMeter& meter;
  Limits limits;
  std::function<void()> closed;  // after one has been
  std::set<Connection*> open = {};
  std::size_t body_bytes = 0;  // that requests have, or have been promised room for
  bool draining = false;       // each answer is the last of its connection
};

// One client's connection: reads its requests one after the other, and writes their answers in
// that order. While an exchange is under way it goes on watching whether the client is there. Loop
// thread only; lives as long as a handler or an exchange of its does.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<ConnectionGroup> group, std::shared_ptr<Wire> wire,
             const boost::asio::any_io_executor& executor, std::string peer);

  void Start();
  // Closes it, at once when no request is under way, else after the answer.
  void Drain();
  void Close();

 private:
  class Turn;
  enum class State { kReading, kAnswering, kLingering, kClosed };
  using Callback = Exchange::Callback;
  // What is to be written: a text of its own or one that others have too.
  struct Piece {
    std::string text = {};
    std::shared_ptr<const std::string> shared = {};
    Callback written = {};

    const std::string& bytes() const { return shared == nullptr ? text : *shared; }
  };

  void AwaitBytes();
  void OnReadable(const boost::system::error_code& error);
  void OnEnd();
  void Advance();
  void Judge();
  // The body's share of what all bodies may take; false: there is no room.
  bool Reserve(std::size_t bytes);
  void Dispatch();
  void Refuse(int status, absl::string_view reason, absl::string_view why);
  // Without a handler.
  void AnswerAtOnce(const Request& request, Response response, absl::string_view refused);
  // Adds what every answer to the request has.
  void Complete(Response& response, const Request& request) const;

  void Send(Piece piece);
  void WriteMore();
  void OnWritten(const boost::system::error_code& error, std::size_t bytes);
  // When all has been written, the next request is read, or the connection ends.
  void FinishAnswer(bool persistent);
  void GoOn();
  void Linger();

  // Has the connection end unless something happens before.
  void Limit(absl::Duration time);
  void Unlimit();
  void OnTimeout();

  const std::shared_ptr<ConnectionGroup> group_;
  const std::shared_ptr<Wire> wire_;
  boost::asio::steady_timer timer_;
  const std::string peer_;
  RequestReader reader_;
  Entrance::Verdict verdict_;  // of the request that is being read
  std::weak_ptr<Turn> turn_;   // that is under way
  std::deque<Piece> outbox_;
  std::size_t sent_bytes_ = 0;      // of its first piece
  std::size_t reserved_bytes_ = 0;  // for the body that is being read
  std::size_t dropped_bytes_ = 0;
  std::optional<bool> finishing_;  // as FinishAnswer was told
  State state_ = State::kReading;
  std::uint64_t limit_ = 0;  // number of the newest; the others are void
  bool awaiting_ = false;
  bool writing_ = false;
  bool in_head_ = false;  // the time of the head runs
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_CONNECTION_H_
