#ifndef DARKROOM_SERVER_HTTP_EXCHANGE_H_
#define DARKROOM_SERVER_HTTP_EXCHANGE_H_

#include <string>

#include "absl/functional/any_invocable.h"
#include "server/http/failure.h"
#include "server/http/request.h"
#include "server/http/response.h"

namespace darkroom::server::http {

// One request and its answer, as whoever handles it sees them. It is answered once: by Answer, by
// Fail, or by Begin, any number of Writes and End. One that is let go without an answer is answered
// with status 500, or broken off where its answer had begun. When the client has gone, calls do
// nothing. Loop thread only; calls return at once.
class Exchange {
 public:
  using Callback = absl::AnyInvocable<void()>;

  virtual ~Exchange() = default;

  virtual Request& request() = 0;
  virtual void Answer(Response response) = 0;
  // With an error, in the shape of the route's interface.
  virtual void Fail(const Failure& failure) = 0;

  // The head of an answer whose length nobody knows yet.
  virtual void Begin(Response head) = 0;
  // A piece of it; the next, and End, only from `written` on.
  virtual void Write(std::string bytes, Callback written) = 0;
  virtual void End() = 0;

  // `gone` runs, once, when the client is gone before it had its whole answer; calls of Write are
  // then not told of. Clients that are slow with one write are gone, too.
  virtual void WhenGone(Callback gone) = 0;
  // Gives the client up.
  virtual void Break() = 0;
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_EXCHANGE_H_
