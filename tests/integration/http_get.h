#ifndef DARKROOM_TESTS_INTEGRATION_HTTP_GET_H_
#define DARKROOM_TESTS_INTEGRATION_HTTP_GET_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/up/port.h"

namespace darkroom::testing {

// The body of the answer to a GET; UNAVAILABLE when nobody answers, or not with 200. Blocks.
absl::StatusOr<std::string> HttpGet(const cli::HostPort& address, absl::string_view target);

// As a value in the query of a target.
std::string PercentEncoded(absl::string_view text);

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_INTEGRATION_HTTP_GET_H_
