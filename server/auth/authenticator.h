#ifndef DARKROOM_SERVER_AUTH_AUTHENTICATOR_H_
#define DARKROOM_SERVER_AUTH_AUTHENTICATOR_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::server {

// Tenant of callers without a key, where they are allowed.
inline constexpr absl::string_view kAnonymous = "anonymous";

// Tells who calls. Neither keys nor headers reach a log line or an error message. Implementations
// are thread-safe and do not block.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // The tenant of a call with this "authorization" header, empty when there was none.
  // UNAUTHENTICATED, as an ApiError, for a key that is missing or not known.
  virtual absl::StatusOr<std::string> Authenticate(absl::string_view authorization) const = 0;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_AUTH_AUTHENTICATOR_H_
