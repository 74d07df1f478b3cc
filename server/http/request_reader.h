#ifndef DARKROOM_SERVER_HTTP_REQUEST_READER_H_
#define DARKROOM_SERVER_HTTP_REQUEST_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/http/request.h"

namespace darkroom::server::http {

// Reads the requests of one connection out of its bytes, one after the other: each head first, so
// that it can be judged before its body is let in. What is not HTTP/1.0 or 1.1 to the letter, and
// what two servers may read differently (a length beside chunks, an encoding other than "chunked",
// no host or two), is refused. Not thread-safe; knows no socket.
class RequestReader {
 public:
  enum class State {
    kIdle,     // nothing of the next request has come
    kHead,     // a part of its head has
    kJudge,    // its head has been read: AcceptBody, or no more
    kBody,     // a part of the body is missing
    kDone,     // Take
    kRefused,  // nothing can be read any more: see refusal()
  };
  // Why a request cannot be read.
  struct Refusal {
    int status = 400;  // of HTTP
    std::string why = {};
  };

  // Of a head, and of the line before each chunk of a body.
  explicit RequestReader(std::size_t max_head_bytes);
  ~RequestReader();

  State state() const { return state_; }
  // Reads on. What does not belong to the present request is kept for the next, which Feed begins
  // to read, with or without bytes, after Take.
  void Feed(absl::string_view bytes);
  std::size_t kept_bytes() const { return kept_.size(); }

  // From kJudge on: the head, and whether a body follows it.
  Request& head() { return request_; }
  bool has_body() const;
  std::optional<std::uint64_t> body_bytes() const;  // as announced; nothing for chunks
  bool expects_continue() const;  // the client waits for "100 Continue" before it sends the body
  // In kJudge. A longer body is refused with status 413.
  void AcceptBody(std::size_t max_bytes);

  // In kDone.
  Request Take();
  const Refusal& refusal() const { return refusal_; }

 private:
  struct Parser;

  void Parse();
  void Begin();
  void OnHead();
  std::size_t MostBytes(bool in_head) const;
  void Refuse(int status, absl::string_view why);

  const std::size_t max_head_bytes_;
  std::unique_ptr<Parser> parser_;  // null between requests
  std::string kept_;
  std::size_t used_bytes_ = 0;  // of the present head or body, with what is around it
  State state_ = State::kIdle;
  Request request_;
  std::size_t max_body_bytes_ = 0;
  Refusal refusal_;
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_REQUEST_READER_H_
