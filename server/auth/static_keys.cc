#include "server/auth/static_keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/ids.h"
#include "common/sha256.h"
#include "server/auth/authenticator.h"
#include "server/auth/key_secret.h"

namespace darkroom::server {
namespace {

constexpr std::size_t kShownDigits = 12;  // of a hash, in names

bool IsSha256Hex(absl::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
}

}  // namespace

std::optional<StaticKeys::Key> StaticKeys::ParseLine(absl::string_view line) {
  const std::vector<std::string> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words.size() < 2 || words.size() > 4 || !IsCatalogueId(words[0]) ||
      absl::StartsWith(words[0], kAnonymous) || !IsSha256Hex(words[1])) {
    return std::nullopt;
  }
  Key key;
  key.caller.tenant = words[0];
  key.sha256 = absl::AsciiStrToLower(words[1]);
  key.caller.key = absl::StrCat("file/", key.sha256.substr(0, kShownDigits));
  if (words.size() >= 3) {
    if (!IsCatalogueId(words[2])) return std::nullopt;
    key.caller.tier = words[2];
  }
  if (words.size() == 4) {
    key.caller.scopes.clear();
    for (const absl::string_view name : absl::StrSplit(words[3], ',')) {
      const auto scope = ParseScope(name);
      if (!scope.has_value()) return std::nullopt;
      key.caller.scopes.push_back(*scope);
    }
  }
  return key;
}

absl::StatusOr<std::unique_ptr<StaticKeys>> StaticKeys::Parse(absl::string_view list) {
  std::vector<Key> keys;
  int number = 0;
  for (const absl::string_view raw : absl::StrSplit(list, '\n')) {
    ++number;
    const absl::string_view line = absl::StripAsciiWhitespace(raw);
    if (line.empty() || line.front() == '#') continue;
    std::optional<Key> key = ParseLine(line);
    if (!key.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number,
                       " of the key list is not a tenant, the SHA-256 of a key, and perhaps a tier "
                       "and scopes, as in \"generate,admin\""));
    }
    keys.push_back(*std::move(key));
  }
  return std::unique_ptr<StaticKeys>(new StaticKeys(std::move(keys)));
}

absl::StatusOr<std::optional<Caller>> StaticKeys::Find(absl::string_view key) const {
  const std::string sha256 = Sha256Hex(key);
  std::optional<Caller> found;
  for (const Key& candidate : keys_) {
    if (EqualInConstantTime(candidate.sha256, sha256)) found = candidate.caller;
  }
  return found;
}

}  // namespace darkroom::server
