#ifndef DARKROOM_SERVER_CORE_LENIENT_PARSE_H_
#define DARKROOM_SERVER_CORE_LENIENT_PARSE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/core/api_error.h"

namespace darkroom::server {

// Parses a request that protobuf's own parser has refused. That parser refuses a whole message for
// one string that is not UTF-8, and gRPC then answers UNIMPLEMENTED without a word. Here such
// strings are left empty and named in the result, so that they can be reported with the other bad
// fields. INVALID_ARGUMENT (MALFORMED_REQUEST) when the bytes are not a message at all. Pure.
absl::StatusOr<std::vector<FieldViolation>> ParseLeniently(absl::string_view bytes,
                                                           google::protobuf::Message& message);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_LENIENT_PARSE_H_
