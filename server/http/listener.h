#ifndef DARKROOM_SERVER_HTTP_LISTENER_H_
#define DARKROOM_SERVER_HTTP_LISTENER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/deadline.h"
#include "common/metrics/registry.h"
#include "server/auth/authenticator.h"
#include "server/core/asio_loop.h"
#include "server/http/certificate.h"
#include "server/http/connection.h"
#include "server/http/router.h"

namespace darkroom::server::http {

// Serves the routes of a router over HTTP/1.1 and 1.0, on the loop's own thread: no connection has
// one of its own. Made, drained and destroyed by one thread that is not the loop's.
class Listener {
 public:
  struct Options {
    std::string listen;  // "127.0.0.1:7860", "[::1]:7860"; port 0: a free one
    std::vector<std::string> allowed_origins = {};  // see OriginPolicy
    std::vector<std::string> hosts = {"*"};         // see HostPolicy
    Limits limits = {};
    int max_connections = 20'000;                            // more wait to be accepted
    std::optional<CertificateFiles> certificate = {};        // of TLS; without one in the clear
    absl::Duration look_at_certificate = absl::Seconds(10);  // whether its files have changed
    metrics::Registry* metrics = nullptr;                    // null: nothing is counted
  };

  // The loop and the authenticator outlive it. INVALID_ARGUMENT when that is no address, or no
  // certificate; UNAVAILABLE when it cannot be listened on.
  static absl::StatusOr<std::unique_ptr<Listener>> Start(AsioLoop& loop, Router router,
                                                         const Authenticator& authenticator,
                                                         Options options);
  // Breaks off what is under way.
  ~Listener();

  int port() const;

  // From now on each answer ends its connection; those without a request are closed. New ones are
  // still accepted, so that whoever asks hears that this server stops.
  void Drain();
  // Waits until no connection is open, no longer than that. After Drain.
  void WaitForAnswers(const Deadline& deadline);

 private:
  struct Engine;
  explicit Listener(std::shared_ptr<Engine> engine);

  const std::shared_ptr<Engine> engine_;
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_LISTENER_H_
