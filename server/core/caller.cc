#include "server/core/caller.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace darkroom::server {
namespace {

constexpr absl::string_view kScopePrefix = "KEY_SCOPE_";

}  // namespace

bool Caller::Has(darkroom::v1::KeyScope scope) const {
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

std::string ScopeName(darkroom::v1::KeyScope scope) {
  const std::string& name = darkroom::v1::KeyScope_Name(scope);
  return absl::AsciiStrToLower(absl::StripPrefix(name, kScopePrefix));
}

std::optional<darkroom::v1::KeyScope> ParseScope(absl::string_view name) {
  darkroom::v1::KeyScope scope = darkroom::v1::KEY_SCOPE_UNSPECIFIED;
  const bool known =
      darkroom::v1::KeyScope_Parse(absl::StrCat(kScopePrefix, absl::AsciiStrToUpper(name)), &scope);
  if (!known || scope == darkroom::v1::KEY_SCOPE_UNSPECIFIED) return std::nullopt;
  return scope;
}

}  // namespace darkroom::server
