#ifndef DARKROOM_SERVER_AUTH_STATIC_KEYS_H_
#define DARKROOM_SERVER_AUTH_STATIC_KEYS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/auth/key_source.h"

namespace darkroom::server {

// A fixed list of keys, as a file has it: all that a small server needs, and the first key with the
// scope admin of a larger one. The list holds only the SHA-256 of each key; they are compared in
// constant time, and all of them whatever matches.
class StaticKeys : public KeySource {
 public:
  // One key a line: the tenant (a catalogue id that does not begin with "anonymous"), blanks, and
  // 64 hexadecimal digits, as `printf %s KEY | sha256sum` prints them. After them may stand the
  // tier, otherwise "standard", and then the scopes with commas between them, otherwise "generate".
  // Empty lines and lines that begin with '#' are left out; a tenant may have several keys.
  // INVALID_ARGUMENT names the line.
  static absl::StatusOr<std::unique_ptr<StaticKeys>> Parse(absl::string_view list);

  absl::StatusOr<std::optional<Caller>> Find(absl::string_view key) const override;

 private:
  struct Key {
    Caller caller;
    std::string sha256;  // 64 lower-case hexadecimal digits
  };

  explicit StaticKeys(std::vector<Key> keys) : keys_(std::move(keys)) {}
  static std::optional<Key> ParseLine(absl::string_view line);

  const std::vector<Key> keys_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_AUTH_STATIC_KEYS_H_
