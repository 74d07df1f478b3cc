#include "server/http/entity_tag.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace darkroom::server::http {

bool NamesTag(absl::string_view if_none_match, absl::string_view tag) {
  // Our tags have no comma in them.
  for (const absl::string_view part : absl::StrSplit(if_none_match, ',')) {
    const absl::string_view known = absl::StripAsciiWhitespace(part);
    // What a proxy compresses it marks as weak.
    if (known == "*" || absl::StripPrefix(known, "W/") == tag) return true;
  }
  return false;
}

}  // namespace darkroom::server::http
