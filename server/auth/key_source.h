#ifndef DARKROOM_SERVER_AUTH_KEY_SOURCE_H_
#define DARKROOM_SERVER_AUTH_KEY_SOURCE_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/core/caller.h"

namespace darkroom::server {

// Knows some of the keys of a server. Implementations are thread-safe and do not block; how long
// they take does not tell how much of a secret was right.
class KeySource {
 public:
  virtual ~KeySource() = default;

  // Whose key it is; none when it is not one of these. An ApiError while that cannot be told.
  virtual absl::StatusOr<std::optional<Caller>> Find(absl::string_view key) const = 0;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_AUTH_KEY_SOURCE_H_
