#ifndef DARKROOM_SERVER_HTTP_HOST_POLICY_H_
#define DARKROOM_SERVER_HTTP_HOST_POLICY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/http/request.h"

namespace darkroom::server::http {

// By which names this server may be asked. Whoever has a name can have it lead to any address, and
// a page that was loaded under that name counts as this server's own in its visitor's browser (DNS
// rebinding): it may do what the visitor may without a key. So a server that lets callers in
// without one answers to names that nobody can have whom the host does not know: addresses, names
// without a dot, those under .localhost, .local, .internal and .home.arpa (RFC 6761, 6762, 8375),
// and those that the host has named. Thread-safe.
class HostPolicy {
 public:
  // `names` without ports, as in "example.org"; "*": any.
  explicit HostPolicy(std::vector<std::string> names) : names_(std::move(names)) {}

  // False: the request is refused.
  bool Admits(const Request& request) const;

 private:
  const std::vector<std::string> names_;
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_HOST_POLICY_H_
