#ifndef DARKROOM_SERVER_REST_REST_API_H_
#define DARKROOM_SERVER_REST_REST_API_H_

#include "server/core/loop.h"
#include "server/core/services.h"
#include "server/http/router.h"
#include "server/rest/api_builder.h"

namespace darkroom::server::rest {

// Darkroom's own interface over HTTP: the methods of darkroom.v1 under "/v1", their messages as
// protobuf's JSON mapping has them, and the document of it all, /v1/openapi.json. docs/http.md is
// its manual. The loop and the services outlive the server of the routes.
void AddRestApi(http::Router& router, Loop& loop, Services& services);

// Its parts.
void AddJobOperations(ApiBuilder& api, Loop& loop, Services& services);
void AddModelOperations(ApiBuilder& api, Services& services);
void AddPromptOperations(ApiBuilder& api, Services& services);
void AddAccountOperations(ApiBuilder& api, Services& services);
void AddAdminOperations(ApiBuilder& api, Services& services);

}  // namespace darkroom::server::rest

#endif  // DARKROOM_SERVER_REST_REST_API_H_
