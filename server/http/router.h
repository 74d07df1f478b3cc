#ifndef DARKROOM_SERVER_HTTP_ROUTER_H_
#define DARKROOM_SERVER_HTTP_ROUTER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/core/caller.h"
#include "server/http/exchange.h"
#include "server/http/failure.h"
#include "server/http/request.h"

namespace darkroom::server::http {

// Who may use a route: anybody, who is not even asked; anybody, as whom the authenticator knows or
// as nobody, without a tenant; whom it knows; or whose key has this scope.
struct Access {
  bool open = false;
  bool unknown = false;
  darkroom::v1::KeyScope scope = darkroom::v1::KEY_SCOPE_UNSPECIFIED;

  static Access Open() { return {true, false, darkroom::v1::KEY_SCOPE_UNSPECIFIED}; }
  static Access Anybody() { return {false, true, darkroom::v1::KEY_SCOPE_UNSPECIFIED}; }
  static Access AnyKey() { return {}; }
  static Access Scope(darkroom::v1::KeyScope scope) { return {false, false, scope}; }
};

using Handler = std::function<void(std::shared_ptr<Exchange>)>;

struct Route {
  std::string method;   // a GET serves HEAD too
  std::string pattern;  // "/v1/jobs/{job}", "/v1/jobs/{job}:cancel"
  Access access;
  std::size_t max_body_bytes = 0;
  Handler handle;
  bool streams = false;  // by Begin and Write: such a GET serves no HEAD
};

// Which route a request is for. Filled before the server listens; then it does not change, and is
// thread-safe.
//
// A segment of a pattern is plain text, or "{name}" for any text that is not empty, or
// "{name}:verb" for one that ends so. Where several patterns fit, the one whose first differing
// segment says more does.
class Router {
 public:
  struct Match {
    const Route* route = nullptr;         // null: nothing has this path, or not with this method
    std::vector<Field> path_values = {};  // unescaped
    std::string allowed = {};             // "GET, HEAD, OPTIONS": what the path has; empty: nothing
    const ErrorShape* errors = nullptr;   // never null
  };

  Router();

  // The route's method and pattern are new.
  void Add(Route route);
  // Errors of paths that begin so have this shape; the longest beginning counts.
  void ShapeErrors(absl::string_view prefix, ErrorShape shape);

  // `path` is as it was sent.
  Match Find(absl::string_view method, absl::string_view path) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Shape {
    std::string prefix;
    ErrorShape make;
  };

  std::vector<Route> routes_;
  std::vector<Shape> shapes_;
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_ROUTER_H_
