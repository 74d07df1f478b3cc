#include "server/auth/bearer_authenticator.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"
#include "server/core/api_error.h"

namespace darkroom::server {
namespace {

constexpr std::size_t kMaxKeyBytes = 512;

Caller AnonymousCaller() {
  Caller caller;
  caller.tenant = std::string(kAnonymous);
  caller.tier = std::string(kAnonymous);
  return caller;
}

class Everybody : public Authenticator {
 public:
  absl::StatusOr<Caller> Authenticate(absl::string_view) const override {
    return AnonymousCaller();
  }
};

absl::Status Refused(absl::string_view message) {
  return ApiError(absl::StatusCode::kUnauthenticated, reason::kUnauthenticated, message);
}

}  // namespace

BearerAuthenticator::BearerAuthenticator(std::vector<std::shared_ptr<const KeySource>> sources,
                                         bool allow_anonymous)
    : sources_(std::move(sources)), allow_anonymous_(allow_anonymous) {}

std::unique_ptr<Authenticator> BearerAuthenticator::EverybodyAnonymous() {
  return std::make_unique<Everybody>();
}

absl::StatusOr<Caller> BearerAuthenticator::Authenticate(absl::string_view authorization) const {
  if (authorization.empty()) {
    if (allow_anonymous_) return AnonymousCaller();
    return Refused("this server needs a key; send it as \"authorization: Bearer <key>\"");
  }
  const std::pair<absl::string_view, absl::string_view> words =
      absl::StrSplit(authorization, absl::MaxSplits(' ', 1));
  const absl::string_view key = absl::StripAsciiWhitespace(words.second);
  if (!absl::EqualsIgnoreCase(words.first, "Bearer") || key.empty() || key.size() > kMaxKeyBytes) {
    return Refused("the authorization header is not of the form \"Bearer <key>\"");
  }
  for (const auto& source : sources_) {
    DARKROOM_ASSIGN_OR_RETURN(std::optional<Caller> caller, source->Find(key));
    if (caller.has_value()) return *std::move(caller);
  }
  return Refused("the key is not known; it may have been revoked, or have expired");
}

}  // namespace darkroom::server
