#ifndef DARKROOM_SERVER_HTTP_REQUEST_ID_H_
#define DARKROOM_SERVER_HTTP_REQUEST_ID_H_

#include <string>

#include "absl/strings/string_view.h"

namespace darkroom::server::http {

inline constexpr char kRequestIdHeader[] = "X-Request-Id";

// What a request is called in its answer and in the log: the caller's X-Request-Id, when that is 1
// to 128 letters, digits, '.', '_' and '-'; otherwise a new RandomId().
std::string ChooseRequestId(absl::string_view sent);

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_REQUEST_ID_H_
