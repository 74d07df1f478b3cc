#include "server/auth/scoped_caller.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "server/core/api_error.h"

namespace darkroom::server {

absl::StatusOr<Caller> AuthenticateFor(const Authenticator& authenticator, const Credentials& call,
                                       darkroom::v1::KeyScope scope) {
  DARKROOM_ASSIGN_OR_RETURN(Caller caller, authenticator.Authenticate(call));
  if (scope == darkroom::v1::KEY_SCOPE_UNSPECIFIED || caller.Has(scope)) return caller;
  const std::string name = ScopeName(scope);
  return ApiError(absl::StatusCode::kPermissionDenied, reason::kMissingScope,
                  absl::StrCat("this call needs a key with the scope \"", name, "\""),
                  {{"scope", name}});
}

}  // namespace darkroom::server
