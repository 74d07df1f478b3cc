#include "cli/key_text.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/job_text.h"

namespace darkroom::cli {
namespace {

constexpr absl::string_view kScopePrefix = "KEY_SCOPE_";

std::string Day(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(time.seconds()), absl::LocalTimeZone());
}

std::string Scopes(const v1::ApiKey& key) {
  std::string text;
  for (const int scope : key.scopes()) {
    const std::string& name = v1::KeyScope_Name(static_cast<v1::KeyScope>(scope));
    absl::StrAppend(&text, text.empty() ? "" : ",",
                    absl::AsciiStrToLower(absl::StripPrefix(name, kScopePrefix)));
  }
  return text;
}

std::string Standing(const v1::ApiKey& key, absl::Time now) {
  if (key.has_revoke_time()) return absl::StrCat("revoked ", Day(key.revoke_time()));
  if (!key.has_expire_time()) return "good";
  const bool over = absl::FromUnixSeconds(key.expire_time().seconds()) <= now;
  return absl::StrCat(over ? "expired " : "good until ", Day(key.expire_time()));
}

}  // namespace

std::string KeysText(const v1::ListKeysResponse& listed, absl::Time now) {
  std::vector<std::vector<std::string>> rows = {
      {"KEY", "TENANT", "TIER", "SCOPES", "MADE", "STATE", "LABEL"}};
  for (const v1::ApiKey& key : listed.keys()) {
    rows.push_back({key.name(), key.tenant(), key.tier(), Scopes(key), Day(key.create_time()),
                    Standing(key, now), key.label()});
  }
  return TableText(rows);
}

absl::StatusOr<v1::KeyScope> ParseKeyScope(absl::string_view name) {
  if (name == "generate") return v1::KEY_SCOPE_GENERATE;
  if (name == "admin") return v1::KEY_SCOPE_ADMIN;
  return absl::InvalidArgumentError(
      absl::StrCat("\"", name, "\" is no scope; known are generate and admin"));
}

std::string KeyName(absl::string_view name_or_id) {
  return absl::StrCat(absl::StartsWith(name_or_id, "keys/") ? "" : "keys/", name_or_id);
}

}  // namespace darkroom::cli
