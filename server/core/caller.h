#ifndef DARKROOM_SERVER_CORE_CALLER_H_
#define DARKROOM_SERVER_CORE_CALLER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "darkroom/v1/api_key.pb.h"

namespace darkroom::server {

// Who calls.
struct Caller {
  std::string tenant;             // catalogue id; what it owns, nobody else sees
  std::string tier = "standard";  // catalogue id; see TierOf for one that no file has
  std::vector<darkroom::v1::KeyScope> scopes = {darkroom::v1::KEY_SCOPE_GENERATE};
  // Which key it was, as darkroom.v1.AuditEntry names it; nothing of the secret. Empty: none.
  std::string key = {};

  bool Has(darkroom::v1::KeyScope scope) const;
};

// "generate", "admin".
std::string ScopeName(darkroom::v1::KeyScope scope);
std::optional<darkroom::v1::KeyScope> ParseScope(absl::string_view name);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_CALLER_H_
