#ifndef DARKROOM_SERVER_AUTH_AUTHENTICATOR_H_
#define DARKROOM_SERVER_AUTH_AUTHENTICATOR_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/core/caller.h"

namespace darkroom::server {

// What a call says about its caller, as it came in.
struct Credentials {
  absl::string_view authorization;   // header; empty when there was none
  absl::string_view peer = {};       // as gRPC names it
  absl::string_view forwarded = {};  // X-Forwarded-For headers, with commas between them
};

// Tier of callers without a key, where they are allowed; their tenants begin with it.
inline constexpr absl::string_view kAnonymous = "anonymous";

// Tells who calls. Neither keys nor headers reach a log line or an error message. Implementations
// are thread-safe and do not block.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // Who calls.
  // UNAUTHENTICATED, as an ApiError, for a key that is missing or not known; UNAVAILABLE while that
  // cannot be told.
  virtual absl::StatusOr<Caller> Authenticate(const Credentials& call) const = 0;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_AUTH_AUTHENTICATOR_H_
