#ifndef DARKROOM_SERVER_A1111_ERRORS_H_
#define DARKROOM_SERVER_A1111_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "server/http/failure.h"

namespace darkroom::server::a1111 {

// {"error": "INVALID_REQUEST", "detail": "...", "body": "", "errors": "..."}: `error` is the reason
// of server/core/api_error.h, `detail` and `errors` are the message, in which fields have
// AUTOMATIC1111's names. An http::ErrorShape.
std::string ErrorJson(const http::Failure& failure);

// As http::FailureOf, but 422 for what is wrong with a request's fields.
http::Failure FailureOf(const absl::Status& status);

}  // namespace darkroom::server::a1111

#endif  // DARKROOM_SERVER_A1111_ERRORS_H_
