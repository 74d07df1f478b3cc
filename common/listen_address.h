#ifndef DARKROOM_COMMON_LISTEN_ADDRESS_H_
#define DARKROOM_COMMON_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom {

// Where a process listens, as it was written; whether this machine has such an address shows only
// when it does.
struct ListenAddress {
  std::string host;  // a name or a number, of IPv6 without its brackets; not empty
  int port = 0;      // 0: a free one
};

// "127.0.0.1:9464", "[::1]:9464". INVALID_ARGUMENT for anything else.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

}  // namespace darkroom

#endif  // DARKROOM_COMMON_LISTEN_ADDRESS_H_
