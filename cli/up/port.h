#ifndef DARKROOM_CLI_UP_PORT_H_
#define DARKROOM_CLI_UP_PORT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace darkroom::cli {

// An IPv4 address or "localhost", and a TCP port.
struct HostPort {
  std::string host;
  int port = 0;

  std::string ToString() const;
};

// "127.0.0.1:50051". INVALID_ARGUMENT for anything else; the port may be 0.
absl::StatusOr<HostPort> ParseHostPort(absl::string_view text);

// Checks that nothing listens there. ALREADY_EXISTS when the port is taken; nothing keeps another
// process from taking it before it is used. Port 0 is replaced by a free one, which is kept for
// servers that are told of it, with SO_REUSEADDR as usual, for as long as this process lives.
absl::StatusOr<HostPort> ReservePort(HostPort address);

// Sends `request` to a TCP server and returns the first bytes of its answer (at most 512).
// UNAVAILABLE when it does not answer in time.
absl::StatusOr<std::string> Exchange(const HostPort& address, absl::string_view request,
                                     absl::Duration timeout);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_UP_PORT_H_
