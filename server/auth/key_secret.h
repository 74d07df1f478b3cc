#ifndef DARKROOM_SERVER_AUTH_KEY_SECRET_H_
#define DARKROOM_SERVER_AUTH_KEY_SECRET_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::server {

// The text of a key is "dr_<id>.<secret>": 32 hexadecimal digits that name it, and 64 that nobody
// can guess. The store keeps only a hash of it, with a pepper that the store does not have: who
// reads the store learns no key, and who can write it makes none.

// A new text for the key of this id, with 256 random bits.
std::string NewKeyText(absl::string_view id);
// The id of a text of that form.
std::optional<std::string> IdOfKeyText(absl::string_view text);

// The secret of a pool's gateways. Copies are cheap; thread-safe.
class Pepper {
 public:
  static constexpr std::size_t kLeastBytes = 32;

  // The content of a file without the white space around it. INVALID_ARGUMENT below kLeastBytes.
  static absl::StatusOr<Pepper> Read(const std::string& path);
  explicit Pepper(absl::string_view secret);

  // SHA-256 of the pepper and a text of this use; 64 lower-case hexadecimal digits.
  std::string Digest(absl::string_view use, absl::string_view text) const;

 private:
  std::string prefix_;  // of a fixed length, so that no two pairs are hashed as the same bytes
};

// The use that digests of keys have.
inline constexpr absl::string_view kKeyUse = "key";

// The time taken depends on the sizes only.
bool EqualInConstantTime(absl::string_view a, absl::string_view b);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_AUTH_KEY_SECRET_H_
