#ifndef DARKROOM_SERVER_GRPC_GATEWAY_H_
#define DARKROOM_SERVER_GRPC_GATEWAY_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/metrics/registry.h"
#include "server/auth/authenticator.h"
#include "server/core/loop.h"
#include "server/core/ports.h"
#include "server/core/services.h"

namespace darkroom::server {

// The running gRPC server: the services of darkroom.v1, health checking and reflection, over one
// set of ports. Made, drained and destroyed by one thread that is not the loop's.
class Gateway {
 public:
  struct Options : Services::Options {
    std::string listen;                    // "127.0.0.1:50051"; port 0 takes a free one
    metrics::Registry* metrics = nullptr;  // has calls counted in it; null: nowhere
  };

  // Everything given outlives the gateway. UNAVAILABLE when the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(Loop& loop, const Ports& ports,
                                                        const Authenticator& authenticator,
                                                        Options options);
  // Breaks off what Drain has not ended.
  ~Gateway();

  // What it serves, for other transports to serve too. On the loop, until the gateway's end.
  Services& services();
  int port() const;
  // OK while the gRPC health service says SERVING, else UNAVAILABLE. Any thread may ask.
  absl::Status health() const;

  // Stops within `grace`: reports NOT_SERVING and refuses new jobs; lets streams finish for the
  // first half, then sends the others elsewhere with a resume token. Blocks; call once.
  void Drain(absl::Duration grace);

 private:
  struct Parts;
  explicit Gateway(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_GATEWAY_H_
