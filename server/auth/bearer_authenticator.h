#ifndef DARKROOM_SERVER_AUTH_BEARER_AUTHENTICATOR_H_
#define DARKROOM_SERVER_AUTH_BEARER_AUTHENTICATOR_H_

#include <memory>
#include <vector>

#include "server/auth/authenticator.h"
#include "server/auth/key_source.h"

namespace darkroom::server {

// Callers send their key as "authorization: Bearer <key>".
class BearerAuthenticator : public Authenticator {
 public:
  // The first source that knows a key tells whose it is. With `allow_anonymous`, calls without a
  // key belong to the tenant "anonymous" of that tier; a wrong key is refused all the same.
  BearerAuthenticator(std::vector<std::shared_ptr<const KeySource>> sources, bool allow_anonymous);
  // Everybody is "anonymous", whatever they send.
  static std::unique_ptr<Authenticator> EverybodyAnonymous();

  absl::StatusOr<Caller> Authenticate(absl::string_view authorization) const override;

 private:
  const std::vector<std::shared_ptr<const KeySource>> sources_;
  const bool allow_anonymous_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_AUTH_BEARER_AUTHENTICATOR_H_
