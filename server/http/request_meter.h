#ifndef DARKROOM_SERVER_HTTP_REQUEST_METER_H_
#define DARKROOM_SERVER_HTTP_REQUEST_METER_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/metrics/registry.h"
#include "server/http/router.h"

namespace darkroom::server::http {

// Has requests and connections counted, by the pattern of the route: paths are made up by clients.
// Thread-safe, but for NoteCertificate.
class RequestMeter {
 public:
  // `registry` outlives it; null: nothing is counted.
  explicit RequestMeter(metrics::Registry* registry) : registry_(registry) {}

  void NoteConnections(int change);
  void NoteCertificate(absl::Time expires);
  void NoteStreams(const Route& route, int change);
  // `route` is null of a request for none. `status`: of HTTP; 0: the client was gone before it had
  // the answer. `refused`: the reason of an error, empty for none.
  void NoteAnswer(const Route* route, int status, absl::Duration elapsed,
                  absl::string_view refused);

 private:
  metrics::Registry* const registry_;
  absl::Time expires_ = absl::UnixEpoch();  // as it was told last
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_REQUEST_METER_H_
