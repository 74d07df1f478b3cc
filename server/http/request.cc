#include "server/http/request.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace darkroom::server::http {

std::string Request::Header(absl::string_view name) const {
  std::string joined;
  bool first = true;
  for (const Field& header : headers) {
    if (!absl::EqualsIgnoreCase(header.name, name)) continue;
    absl::StrAppend(&joined, first ? "" : ", ", header.value);
    first = false;
  }
  return joined;
}

absl::string_view Request::PathValue(absl::string_view name) const {
  for (const Field& value : path_values) {
    if (value.name == name) return value.value;
  }
  return "";
}

}  // namespace darkroom::server::http
