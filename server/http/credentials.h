#ifndef DARKROOM_SERVER_HTTP_CREDENTIALS_H_
#define DARKROOM_SERVER_HTTP_CREDENTIALS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/http/request.h"

namespace darkroom::server::http {

// How a request says its key. The first of these counts that says one:
//   Authorization: Bearer KEY
//   Authorization: Basic base64(USER:KEY)   USER is not looked at; without a KEY it says none
//   X-Dezgo-Key: KEY
//   /token/KEY in front of the path         for programs that only know an address
// All pure.

// Takes "/token/KEY" off the path, so that it gets to no route, log or metric, and returns KEY,
// unescaped. Empty, and the path as it was, where it does not begin so or KEY cannot be unescaped.
std::string TakePathToken(Request& head);

// The key as the value of an Authorization header, "Bearer KEY", or that header as it came where it
// is of none of these forms; empty for a request that says no key. `path_token`: what TakePathToken
// returned.
std::string AuthorizationOf(const Request& head, absl::string_view path_token);

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_CREDENTIALS_H_
