#ifndef DARKROOM_SERVER_HTTP_ORIGIN_POLICY_H_
#define DARKROOM_SERVER_HTTP_ORIGIN_POLICY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/http/request.h"
#include "server/http/response.h"

namespace darkroom::server::http {

// What pages of other origins may do through their visitors' browsers: nothing, but those that the
// host has named. Reading their answers is what browsers forbid them (CORS); making requests that
// change something is refused here, with status 403, since where callers need no key such a request
// would be as good as the visitor's own. Programs that are no browsers send no Origin and are not
// concerned. Thread-safe.
class OriginPolicy {
 public:
  // Origins as browsers send them, "https://example.org"; "*": all of them.
  explicit OriginPolicy(std::vector<std::string> allowed);
  // INVALID_ARGUMENT names the one that is no origin.
  static absl::Status Check(const std::vector<std::string>& allowed);

  // False: the request is refused.
  bool Admits(const Request& request) const;
  // Tells the browser that the page may read the answer, where it may.
  void Mark(const Request& request, Response& response) const;
  // The same of the answer to a preflight.
  void MarkPreflight(const Request& request, Response& response) const;

 private:
  bool Allows(const std::string& origin) const;

  const std::vector<std::string> allowed_;
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_ORIGIN_POLICY_H_
