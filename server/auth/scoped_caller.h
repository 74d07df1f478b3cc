#ifndef DARKROOM_SERVER_AUTH_SCOPED_CALLER_H_
#define DARKROOM_SERVER_AUTH_SCOPED_CALLER_H_

#include "absl/status/statusor.h"
#include "server/auth/authenticator.h"

namespace darkroom::server {

// Who calls something that needs a key with this scope; unspecified: any will do. What Authenticate
// says, or PERMISSION_DENIED for a key without the scope. Does not block.
absl::StatusOr<Caller> AuthenticateFor(const Authenticator& authenticator, const Credentials& call,
                                       darkroom::v1::KeyScope scope);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_AUTH_SCOPED_CALLER_H_
