#ifndef DARKROOM_SERVER_AUTH_BEARER_AUTHENTICATOR_H_
#define DARKROOM_SERVER_AUTH_BEARER_AUTHENTICATOR_H_

#include <memory>
#include <optional>
#include <vector>

#include "server/auth/authenticator.h"
#include "server/auth/client_address.h"
#include "server/auth/key_secret.h"
#include "server/auth/key_source.h"

namespace darkroom::server {

// Callers without a key, where they are let in. With a pepper each of their networks is a tenant of
// its own, "anonymous-" and a digest: addresses are personal data, and without the pepper nobody
// tells whose a digest is. Otherwise, and where a peer has no address, they are the one tenant
// "anonymous".
struct Anonymous {
  std::optional<Pepper> pepper = {};
  TrustedProxies proxies = {};
};

// Callers send their key as "authorization: Bearer <key>".
class BearerAuthenticator : public Authenticator {
 public:
  // The first source that knows a key tells whose it is. Without `anonymous`, callers without a key
  // are refused; a wrong key is in any case.
  BearerAuthenticator(std::vector<std::shared_ptr<const KeySource>> sources,
                      std::optional<Anonymous> anonymous);
  // Everybody is "anonymous", whatever they send.
  static std::unique_ptr<Authenticator> EverybodyAnonymous();

  absl::StatusOr<Caller> Authenticate(const Credentials& call) const override;

 private:
  const std::vector<std::shared_ptr<const KeySource>> sources_;
  const std::optional<Anonymous> anonymous_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_AUTH_BEARER_AUTHENTICATOR_H_
