#ifndef DARKROOM_SERVER_HTTP_EVENT_WRITER_H_
#define DARKROOM_SERVER_HTTP_EVENT_WRITER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "server/core/loop.h"
#include "server/http/exchange.h"

namespace darkroom::server::http {

// Answers an exchange with Server-Sent Events, which wait for one another. While none comes, a
// comment goes out now and then, so that nobody between takes the connection for dead. Loop thread
// only; it lives until its last piece is written, or until it is let go.
class EventWriter : public std::enable_shared_from_this<EventWriter> {
 public:
  static constexpr absl::Duration kKeepAlive = absl::Seconds(15);

  // Begins the answer. The loop outlives it.
  static std::shared_ptr<EventWriter> Start(Loop& loop, std::shared_ptr<Exchange> exchange);

  EventWriter(Loop& loop, std::shared_ptr<Exchange> exchange)
      : loop_(loop), exchange_(std::move(exchange)) {}

  // One event or several, with their empty lines.
  void Write(std::string events);
  // Ends the answer, when all has been written. Then it is not called again.
  void End();

 private:
  void OnWritten();
  void KeepAlive();

  Loop& loop_;
  const std::shared_ptr<Exchange> exchange_;
  std::string waiting_;  // to be written next
  bool writing_ = false;
  bool ending_ = false;
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_EVENT_WRITER_H_
