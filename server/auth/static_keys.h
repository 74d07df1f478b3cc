#ifndef DARKROOM_SERVER_AUTH_STATIC_KEYS_H_
#define DARKROOM_SERVER_AUTH_STATIC_KEYS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/auth/authenticator.h"

namespace darkroom::server {

// A fixed list of keys, sent as "authorization: Bearer <key>". The list holds only the SHA-256 of
// each key; they are compared in constant time, and all of them whatever matches.
class StaticKeys : public Authenticator {
 public:
  // One key a line: the tenant (a catalogue id other than "anonymous"), blanks, 64 hexadecimal
  // digits, as `printf %s KEY | sha256sum` prints them, and, when it is not "standard", its tier.
  // Empty lines and lines that begin with '#' are left out; a tenant may have several keys. With
  // `allow_anonymous`, calls without a key belong to the tenant "anonymous" of that tier; a wrong
  // key is refused all the same. INVALID_ARGUMENT names the line.
  static absl::StatusOr<std::unique_ptr<StaticKeys>> Parse(absl::string_view list,
                                                           bool allow_anonymous);
  // Everybody is "anonymous", whatever they send.
  static std::unique_ptr<Authenticator> EverybodyAnonymous();

  absl::StatusOr<Caller> Authenticate(absl::string_view authorization) const override;

 private:
  struct Key {
    Caller caller;
    std::string sha256;  // 64 lower-case hexadecimal digits
  };

  StaticKeys(std::vector<Key> keys, bool allow_anonymous);

  const std::vector<Key> keys_;
  const bool allow_anonymous_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_AUTH_STATIC_KEYS_H_
