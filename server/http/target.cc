#include "server/http/target.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace darkroom::server::http {
namespace {

int HexDigit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(digit));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// What follows the authority of "http://host:port/path"; nothing for another form.
std::optional<absl::string_view> OriginForm(absl::string_view text) {
  if (absl::StartsWith(text, "/")) return text;
  for (const absl::string_view scheme : {"http://", "https://"}) {
    if (!absl::StartsWithIgnoreCase(text, scheme)) continue;
    const std::size_t path = text.find('/', scheme.size());
    return path == absl::string_view::npos ? "/" : text.substr(path);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Target> ParseTarget(absl::string_view text) {
  if (text == "*") return Target{"*", ""};
  const std::optional<absl::string_view> form = OriginForm(text);
  if (!form.has_value()) return std::nullopt;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(*form, absl::MaxSplits('?', 1));
  return Target{std::string(parts.first), std::string(parts.second)};
}

std::optional<std::string> Unescape(absl::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = HexDigit(text[i + 1]);
    const int low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
    plain.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return plain;
}

std::vector<absl::string_view> Segments(absl::string_view path) {
  return absl::StrSplit(absl::StripPrefix(path, "/"), '/');
}

std::optional<std::vector<Field>> ParseQuery(absl::string_view query) {
  std::vector<Field> fields;
  for (const absl::string_view part : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const std::string spaced = absl::StrReplaceAll(part, {{"+", " "}});
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(spaced, absl::MaxSplits('=', 1));
    std::optional<std::string> name = Unescape(pair.first);
    std::optional<std::string> value = Unescape(pair.second);
    if (!name.has_value() || !value.has_value()) return std::nullopt;
    fields.push_back({*std::move(name), *std::move(value)});
  }
  return fields;
}

}  // namespace darkroom::server::http
