#include "server/auth/bearer_authenticator.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"
#include "server/core/api_error.h"

namespace darkroom::server {
namespace {

constexpr std::size_t kMaxKeyBytes = 512;

constexpr absl::string_view kAddressUse = "address";
constexpr std::size_t kAddressDigits = 40;  // 160 bits

Caller AnonymousCaller(const Anonymous& anonymous, const Credentials& call) {
  Caller caller;
  caller.tenant = std::string(kAnonymous);
  if (anonymous.pepper.has_value()) {
    const auto network = ClientNetwork(call.peer, call.forwarded, anonymous.proxies);
    if (network.has_value()) {
      absl::StrAppend(&caller.tenant, "-",
                      anonymous.pepper->Digest(kAddressUse, *network).substr(0, kAddressDigits));
    }
  }
  caller.tier = std::string(kAnonymous);
  return caller;
}

class Everybody : public Authenticator {
 public:
  absl::StatusOr<Caller> Authenticate(const Credentials&) const override {
    return AnonymousCaller({}, {});
  }
};

absl::Status Refused(absl::string_view message) {
  return ApiError(absl::StatusCode::kUnauthenticated, reason::kUnauthenticated, message);
}

}  // namespace

BearerAuthenticator::BearerAuthenticator(std::vector<std::shared_ptr<const KeySource>> sources,
                                         std::optional<Anonymous> anonymous)
    : sources_(std::move(sources)), anonymous_(std::move(anonymous)) {}

std::unique_ptr<Authenticator> BearerAuthenticator::EverybodyAnonymous() {
  return std::make_unique<Everybody>();
}

absl::StatusOr<Caller> BearerAuthenticator::Authenticate(const Credentials& call) const {
  if (call.authorization.empty()) {
    if (anonymous_.has_value()) return AnonymousCaller(*anonymous_, call);
    return Refused("this server needs a key; send it as \"authorization: Bearer <key>\"");
  }
  const std::pair<absl::string_view, absl::string_view> words =
      absl::StrSplit(call.authorization, absl::MaxSplits(' ', 1));
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
