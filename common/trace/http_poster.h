#ifndef DARKROOM_COMMON_TRACE_HTTP_POSTER_H_
#define DARKROOM_COMMON_TRACE_HTTP_POSTER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace darkroom::trace {

// Where something is posted to.
struct HttpEndpoint {
  std::string host = {};  // a name or a number, of IPv6 without its brackets
  int port = 0;
  std::string target = {};  // "/v1/traces"
};

// "http://127.0.0.1:4318/v1/traces", "http://[::1]:4318": the port is said, and without a path
// /v1/traces is meant. INVALID_ARGUMENT for anything else, with the way out.
absl::StatusOr<HttpEndpoint> ParseHttpEndpoint(absl::string_view url);

// Posts JSON to one endpoint over a connection that it keeps. Thread-compatible, but for Cancel.
class HttpPoster {
 public:
  explicit HttpPoster(HttpEndpoint endpoint);
  ~HttpPoster();

  // Blocks, `patience` at most and what the system takes to look the host's name up; returns the
  // status of the answer, whose body is passed over. UNAVAILABLE where there is none in time.
  absl::StatusOr<int> Post(std::string body, absl::Duration patience);

  // From any thread: a Post under way ends soon, and so do those that come.
  void Cancel();

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace darkroom::trace

#endif  // DARKROOM_COMMON_TRACE_HTTP_POSTER_H_
