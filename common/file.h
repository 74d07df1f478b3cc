#ifndef DARKROOM_COMMON_FILE_H_
#define DARKROOM_COMMON_FILE_H_

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom {

// The whole file. NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED above `max_bytes`; the message
// names the path.
absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path, std::size_t max_bytes);

// Writes a file so that readers see either the old or the whole new content (write aside, fsync,
// rename).
absl::Status WriteFileAtomically(const std::filesystem::path& path, absl::string_view content);

}  // namespace darkroom

#endif  // DARKROOM_COMMON_FILE_H_
