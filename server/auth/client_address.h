#ifndef DARKROOM_SERVER_AUTH_CLIENT_ADDRESS_H_
#define DARKROOM_SERVER_AUTH_CLIENT_ADDRESS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::server {

// Proxies whose word about where a call comes from is taken. Cheap to copy; thread-safe.
class TrustedProxies {
 public:
  TrustedProxies();  // none
  // Networks "10.0.0.0/8" and "fd00::/8", or addresses. INVALID_ARGUMENT names the one that is
  // wrong.
  static absl::StatusOr<TrustedProxies> Parse(const std::vector<std::string>& networks);

  bool empty() const;

 private:
  friend std::optional<std::string> ClientNetwork(absl::string_view peer,
                                                  absl::string_view forwarded,
                                                  const TrustedProxies& trusted);
  struct Networks;
  std::shared_ptr<const Networks> networks_;
};

// Where a call comes from, as far as it tells callers apart: an IPv4 address, or the /64 network of
// an IPv6 address, since a subscriber is given a network of that size (RFC 6177). Nothing for a
// peer without an address, as on a Unix socket.
//
// `peer` is as gRPC has it: "ipv4:192.0.2.1:4711", "ipv6:[2001:db8::1]:4711". `forwarded`, the
// values of the X-Forwarded-For headers with commas between them, counts only when the peer is
// trusted: then the right-most hop that is no trusted proxy is the caller, since whatever stands
// left of it the caller may have written. A hop that is no address ends the search at the one
// before. Pure.
std::optional<std::string> ClientNetwork(absl::string_view peer, absl::string_view forwarded,
                                         const TrustedProxies& trusted);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_AUTH_CLIENT_ADDRESS_H_
