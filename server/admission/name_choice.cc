#include "server/admission/name_choice.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/edit_distance.h"

namespace darkroom::server {
namespace {

constexpr std::size_t kMaxQuoted = 40;
constexpr std::size_t kMaxListed = 30;

// Letters, digits and '+' in lower case: how people misspell "DPM++ 2M" is in the rest.
std::string Folded(absl::string_view name) {
  std::string folded;
  for (const char c : name) {
    if (absl::ascii_isalnum(c) || c == '+') folded.push_back(absl::ascii_tolower(c));
  }
  return folded;
}

// Empty when no known name is near.
absl::string_view Nearest(absl::string_view asked, const std::vector<std::string>& known) {
  const std::string folded = Folded(asked.substr(0, kMaxQuoted));
  absl::string_view nearest;
  std::size_t least = 3;  // at most two edits away
  for (const std::string& name : known) {
    const std::size_t distance = EditDistance(folded, Folded(name));
    if (distance < least && distance < folded.size()) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace

std::string Quoted(absl::string_view text) {
  const absl::string_view shown = text.substr(0, kMaxQuoted);
  return absl::StrCat("\"", absl::CHexEscape(shown), shown.size() < text.size() ? "…\"" : "\"");
}

std::string DescribeUnknownName(absl::string_view kind, absl::string_view asked,
                                const std::vector<std::string>& known) {
  std::string text = absl::StrCat("is ", Quoted(asked), ", which is not a known ", kind, ";");
  if (const absl::string_view nearest = Nearest(asked, known); !nearest.empty()) {
    absl::StrAppend(&text, " did you mean \"", nearest, "\"?");
  }
  absl::StrAppend(&text, " known: ");
  const std::size_t listed = std::min(known.size(), kMaxListed);
  for (std::size_t i = 0; i < listed; ++i) {
    absl::StrAppend(&text, i == 0 ? "\"" : ", \"", known[i], "\"");
  }
  if (known.empty()) absl::StrAppend(&text, "none");
  if (listed < known.size()) absl::StrAppend(&text, " and ", known.size() - listed, " more");
  return text;
}

}  // namespace darkroom::server
