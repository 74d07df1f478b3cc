#ifndef DARKROOM_SERVER_HTTP_ENTITY_TAG_H_
#define DARKROOM_SERVER_HTTP_ENTITY_TAG_H_

#include "absl/strings/string_view.h"

namespace darkroom::server::http {

// Whether a header If-None-Match names this tag, which has its quotation marks, as in "\"2a\"":
// then the client has what it asks for (RFC 9110, section 13.1.2). Pure.
bool NamesTag(absl::string_view if_none_match, absl::string_view tag);

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_ENTITY_TAG_H_
