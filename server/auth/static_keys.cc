#include "server/auth/static_keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/ids.h"
#include "common/sha256.h"
#include "server/core/api_error.h"

namespace darkroom::server {
namespace {

constexpr std::size_t kMaxKeyBytes = 512;

Caller AnonymousCaller() { return {std::string(kAnonymous), std::string(kAnonymous)}; }

class Everybody : public Authenticator {
 public:
  absl::StatusOr<Caller> Authenticate(absl::string_view) const override {
    return AnonymousCaller();
  }
};

bool IsSha256Hex(absl::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
}

// The time taken depends on the sizes only.
bool EqualInConstantTime(absl::string_view a, absl::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

absl::Status Refused(absl::string_view message) {
  return ApiError(absl::StatusCode::kUnauthenticated, reason::kUnauthenticated, message);
}

}  // namespace

std::unique_ptr<Authenticator> StaticKeys::EverybodyAnonymous() {
  return std::make_unique<Everybody>();
}

StaticKeys::StaticKeys(std::vector<Key> keys, bool allow_anonymous)
    : keys_(std::move(keys)), allow_anonymous_(allow_anonymous) {}

absl::StatusOr<std::unique_ptr<StaticKeys>> StaticKeys::Parse(absl::string_view list,
                                                              bool allow_anonymous) {
  std::vector<Key> keys;
  int number = 0;
  for (const absl::string_view raw : absl::StrSplit(list, '\n')) {
    ++number;
    const absl::string_view line = absl::StripAsciiWhitespace(raw);
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.size() < 2 || words.size() > 3 || !IsCatalogueId(words[0]) ||
        words[0] == kAnonymous || !IsSha256Hex(words[1]) ||
        (words.size() == 3 && !IsCatalogueId(words[2]))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line ", number,
          " of the key list is not a tenant, the SHA-256 of a key and perhaps a tier"));
    }
    Key key;
    key.caller.tenant = words[0];
    if (words.size() == 3) key.caller.tier = words[2];
    key.sha256 = absl::AsciiStrToLower(words[1]);
    keys.push_back(std::move(key));
  }
  return std::unique_ptr<StaticKeys>(new StaticKeys(std::move(keys), allow_anonymous));
}

absl::StatusOr<Caller> StaticKeys::Authenticate(absl::string_view authorization) const {
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
  const std::string sha256 = Sha256Hex(key);
  const Key* match = nullptr;
  for (const Key& candidate : keys_) {
    if (EqualInConstantTime(candidate.sha256, sha256)) match = &candidate;
  }
  if (match == nullptr) return Refused("the key is not known");
  return match->caller;
}

}  // namespace darkroom::server
