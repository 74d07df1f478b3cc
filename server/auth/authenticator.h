#ifndef DARKROOM_SERVER_AUTH_AUTHENTICATOR_H_
#define DARKROOM_SERVER_AUTH_AUTHENTICATOR_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/core/caller.h"

namespace darkroom::server {

// Tenant and tier of callers without a key, where they are allowed.
inline constexpr absl::string_view kAnonymous = "anonymous";

// Tells who calls. Neither keys nor headers reach a log line or an error message. Implementations
// are thread-safe and do not block.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // Who calls with this "authorization" header, empty when there was none.
  // UNAUTHENTICATED, as an ApiError, for a key that is missing or not known; UNAVAILABLE while that
  // cannot be told.
  virtual absl::StatusOr<Caller> Authenticate(absl::string_view authorization) const = 0;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_AUTH_AUTHENTICATOR_H_
