#ifndef DARKROOM_COMMON_SHA256_H_
#define DARKROOM_COMMON_SHA256_H_

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom {

// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view bytes);
absl::StatusOr<std::string> Sha256HexOfFile(const std::filesystem::path& path);

}  // namespace darkroom

#endif  // DARKROOM_COMMON_SHA256_H_
