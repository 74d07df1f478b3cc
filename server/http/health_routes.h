#ifndef DARKROOM_SERVER_HTTP_HEALTH_ROUTES_H_
#define DARKROOM_SERVER_HTTP_HEALTH_ROUTES_H_

#include <functional>

#include "absl/status/status.h"
#include "server/http/router.h"

namespace darkroom::server::http {

// GET /healthz, 200 while requests can be served, else 503 and why not; GET /livez, 200. Without a
// key, for those who balance load. `healthy` outlives the routes' server.
void AddHealthRoutes(Router& router, std::function<absl::Status()> healthy);

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_HEALTH_ROUTES_H_
