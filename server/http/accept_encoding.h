#ifndef DARKROOM_SERVER_HTTP_ACCEPT_ENCODING_H_
#define DARKROOM_SERVER_HTTP_ACCEPT_ENCODING_H_

#include "absl/strings/string_view.h"

namespace darkroom::server::http {

// Whether a header Accept-Encoding asks for gzip rather than for bytes as they are (RFC 9110,
// section 12.5.3). A weight that is none counts as 0. Pure.
bool PrefersGzip(absl::string_view accept_encoding);

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_ACCEPT_ENCODING_H_
