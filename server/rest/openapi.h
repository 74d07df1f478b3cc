#ifndef DARKROOM_SERVER_REST_OPENAPI_H_
#define DARKROOM_SERVER_REST_OPENAPI_H_

#include <string>
#include <vector>

#include "server/rest/operation.h"

namespace darkroom::server::rest {

// The document of these operations, OpenAPI 3.1 in JSON: what they take and answer with, with the
// comments of the .proto files. Pure.
std::string OpenApiDocument(const std::vector<Operation>& operations);

}  // namespace darkroom::server::rest

#endif  // DARKROOM_SERVER_REST_OPENAPI_H_
