#ifndef DARKROOM_SERVER_REST_MESSAGE_READING_H_
#define DARKROOM_SERVER_REST_MESSAGE_READING_H_

#include <optional>

#include "google/protobuf/message.h"
#include "server/http/failure.h"
#include "server/http/request.h"
#include "server/rest/operation.h"

namespace darkroom::server::rest {

// Reads the message of a request for this operation: its body as JSON, or the fields of its query,
// which are named as in the .proto file or in JSON and are no messages or lists; and what its path
// gives. What is wrong, by field. Pure.
std::optional<http::Failure> ReadMessage(const Operation& operation, const http::Request& request,
                                         google::protobuf::Message& message);

}  // namespace darkroom::server::rest

#endif  // DARKROOM_SERVER_REST_MESSAGE_READING_H_
