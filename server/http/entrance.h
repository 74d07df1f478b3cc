#ifndef DARKROOM_SERVER_HTTP_ENTRANCE_H_
#define DARKROOM_SERVER_HTTP_ENTRANCE_H_

#include <optional>

#include "server/auth/authenticator.h"
#include "server/http/failure.h"
#include "server/http/host_policy.h"
#include "server/http/origin_policy.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "server/http/router.h"

namespace darkroom::server::http {

// Judges requests by their heads: which route they are for, by what name this server was asked,
// whether the page that made them may, and who calls. So nobody sends a body in vain, and nobody
// unknown sends one at all. Does not block.
class Entrance {
 public:
  struct Verdict {
    const Route* route = nullptr;        // null: `answer` is the answer
    const ErrorShape* errors = nullptr;  // of whatever comes of the request
    Response answer = {};
    // The reason of the error; empty for none.
    std::string refused = {};
  };

  // All outlive it.
  Entrance(const Router& router, const Authenticator& authenticator, const OriginPolicy& origins,
           const HostPolicy& hosts)
      : router_(router), authenticator_(authenticator), origins_(origins), hosts_(hosts) {}

  // Gives the request its caller and its path's values, and takes a key off its path.
  Verdict Judge(Request& head) const;

 private:
  std::optional<Failure> FindFault(const Router::Match& match, absl::string_view token,
                                   Request& head) const;

  const Router& router_;
  const Authenticator& authenticator_;
  const OriginPolicy& origins_;
  const HostPolicy& hosts_;
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_ENTRANCE_H_
