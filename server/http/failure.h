#ifndef DARKROOM_SERVER_HTTP_FAILURE_H_
#define DARKROOM_SERVER_HTTP_FAILURE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/http/request.h"
#include "server/http/response.h"

namespace darkroom::server::http {

// The one place where errors become answers. Pure.

// Reasons of errors that only HTTP has, beside those of server/core/api_error.h; as stable as they.
namespace http_reason {
inline constexpr absl::string_view kNoSuchPath = "NO_SUCH_PATH";
inline constexpr absl::string_view kMethodNotAllowed = "METHOD_NOT_ALLOWED";
inline constexpr absl::string_view kForeignOrigin = "FOREIGN_ORIGIN";
inline constexpr absl::string_view kForeignHost = "FOREIGN_HOST";
inline constexpr absl::string_view kNotJson = "NOT_JSON";  // by its Content-Type
inline constexpr absl::string_view kTooLong = "TOO_LONG";  // head or body
inline constexpr absl::string_view kTooSlow = "TOO_SLOW";  // likewise
inline constexpr absl::string_view kBusy = "BUSY";         // RetryInfo
}  // namespace http_reason

// An error as HTTP tells it.
struct Failure {
  int http_status = 500;
  absl::Status status;              // an ApiError
  std::vector<Field> headers = {};  // of its answer, beside those of every error
};

// Of an error of the core: as google.rpc.Code says which status each code is.
Failure FailureOf(const absl::Status& status);
// Of what HTTP itself refuses.
Failure Refusal(int http_status, absl::string_view reason, absl::string_view message);

// Makes the JSON of an error. Interfaces for other servers' clients have the shape of those.
using ErrorShape = std::function<std::string(const Failure&)>;

// {"error": {"code": 404, "status": "NOT_FOUND", "message": "...", "details": [...]}}, where
// details are those of google.rpc, first an ErrorInfo with the reason (AIP-193).
std::string GoogleErrorShape(const Failure& failure);

// With Retry-After, in whole seconds, and Retry-After-Ms of an error that has a RetryInfo, and
// WWW-Authenticate where a key is missing.
Response ToResponse(const Failure& failure, const ErrorShape& shape);

// The reason of its ErrorInfo; empty without one.
std::string ReasonOf(const absl::Status& status);

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_FAILURE_H_
