#include "server/http/credentials.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/http/target.h"

namespace darkroom::server::http {
namespace {

constexpr absl::string_view kTokenPath = "/token/";
constexpr absl::string_view kBasic = "Basic";

std::string Bearer(absl::string_view key) { return absl::StrCat("Bearer ", key); }

// The password; nothing where the header is not of this form.
std::optional<std::string> BasicPassword(absl::string_view authorization) {
  const std::pair<absl::string_view, absl::string_view> words =
      absl::StrSplit(authorization, absl::MaxSplits(' ', 1));
  if (!absl::EqualsIgnoreCase(words.first, kBasic)) return std::nullopt;
  std::string pair;
  if (!absl::Base64Unescape(absl::StripAsciiWhitespace(words.second), &pair)) return std::nullopt;
  const std::size_t colon = pair.find(':');
  return colon == std::string::npos ? "" : pair.substr(colon + 1);
}

}  // namespace

std::string TakePathToken(Request& head) {
  absl::string_view rest = head.path;
  if (!absl::ConsumePrefix(&rest, kTokenPath)) return "";
  const std::size_t end = rest.find('/');
  std::optional<std::string> token = Unescape(rest.substr(0, end));
  if (!token.has_value()) return "";
  head.path = end == absl::string_view::npos ? "/" : std::string(rest.substr(end));
  return *std::move(token);
}

std::string AuthorizationOf(const Request& head, absl::string_view path_token) {
  std::string authorization = head.Header("authorization");
  if (const auto password = BasicPassword(authorization)) {
    authorization = password->empty() ? "" : Bearer(*password);
  }
  if (!authorization.empty()) return authorization;
  const std::string dezgo = head.Header("x-dezgo-key");
  if (!dezgo.empty()) return Bearer(dezgo);
  return path_token.empty() ? "" : Bearer(path_token);
}

}  // namespace darkroom::server::http
