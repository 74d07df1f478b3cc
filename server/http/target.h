#ifndef DARKROOM_SERVER_HTTP_TARGET_H_
#define DARKROOM_SERVER_HTTP_TARGET_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/http/request.h"

namespace darkroom::server::http {

// What the first line of a request points at (RFC 9112, section 3.2). Pure.

struct Target {
  std::string path;  // "/v1/jobs", or "*"
  std::string query;
};

// Of "/v1/jobs?page_size=2", "http://host/v1/jobs" or "*". Nothing for other forms.
std::optional<Target> ParseTarget(absl::string_view text);

// "a%20b" as "a b". Nothing where a percent sign begins no escape, and for an escaped NUL.
std::optional<std::string> Unescape(absl::string_view text);

// The segments of a path between its slashes, not unescaped: {"v1", "jobs"}. Dots mean nothing in
// them.
std::vector<absl::string_view> Segments(absl::string_view path);

// The fields of a query, "a=1&b=two+words", unescaped and in their order; nothing when one of them
// cannot be.
std::optional<std::vector<Field>> ParseQuery(absl::string_view query);

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_TARGET_H_
