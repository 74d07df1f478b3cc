#ifndef DARKROOM_COMMON_METRICS_LISTENER_H_
#define DARKROOM_COMMON_METRICS_LISTENER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace darkroom::metrics {

// A small HTTP/1.1 server for whoever watches a process:
//   GET /metrics   200, the metrics in Prometheus' text format
//   GET /healthz   200 "ok" while the process can do its work, else 503 and what keeps it from that
//   GET /livez     200 "ok": it runs and answers
// Other paths are 404, other methods 405. What is not HTTP/1.x is 400 or 505, a header above 8 KiB
// 431, a request with a body 413; after these the connection ends. It has no key and no TLS: it is
// for addresses that only operators reach.
//
// One thread, its own. A client that does not finish a request, or does not read its answer, within
// `patience` is cut. More than `max_connections` wait to be accepted.
class Listener {
 public:
  struct Options {
    std::string listen = {};  // "127.0.0.1:9464", "[::1]:9464"; port 0: a free one
    std::function<std::string()> metrics = nullptr;  // the text; called on the listener's thread
    // Whether it can do its work; on the same thread. Null: it can whenever it answers.
    std::function<absl::Status()> healthy = nullptr;
    absl::Duration patience = absl::Seconds(10);
    int max_connections = 32;
  };

  // INVALID_ARGUMENT when that is no address, UNAVAILABLE when it cannot be listened on.
  static absl::StatusOr<std::unique_ptr<Listener>> Start(Options options);
  // Breaks off what is under way.
  ~Listener();

  int port() const;

 private:
  struct Engine;
  explicit Listener(std::unique_ptr<Engine> engine);

  const std::unique_ptr<Engine> engine_;
};

}  // namespace darkroom::metrics

#endif  // DARKROOM_COMMON_METRICS_LISTENER_H_
