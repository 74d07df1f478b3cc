#ifndef DARKROOM_SERVER_HTTP_JSON_H_
#define DARKROOM_SERVER_HTTP_JSON_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace darkroom::server::http {

// Messages as protobuf's JSON mapping has them: fields in lowerCamelCase, 64-bit integers as
// strings, bytes in base64, and nothing of a field that has its default.

std::string ToJson(const google::protobuf::Message& message);

// Reads an object, whose fields may be spelt as in the .proto files too. An ApiError that names the
// field, INVALID_REQUEST, for one that is not known or has a wrong value; MALFORMED_REQUEST for
// what is no JSON object.
absl::Status FromJson(absl::string_view json, google::protobuf::Message& message);

// A string of JSON, with its quotes. `text` is UTF-8.
std::string Quoted(absl::string_view text);

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_JSON_H_
