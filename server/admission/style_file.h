#ifndef DARKROOM_SERVER_ADMISSION_STYLE_FILE_H_
#define DARKROOM_SERVER_ADMISSION_STYLE_FILE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "prompt/styles.h"

namespace darkroom::server {

inline constexpr std::size_t kMaxStyleFileBytes = std::size_t{1} << 20;

// The styles of the host's file, a styles.csv of AUTOMATIC1111. No styles for an empty path. An
// error names the file and says what is wrong with it: it cannot be read, is no UTF-8, has another
// form, or has a style that no prompt could ever take because it is too long by itself.
absl::StatusOr<std::vector<prompt::Style>> ReadStyleFile(const std::string& path);

// The same, for the bytes of such a file.
absl::StatusOr<std::vector<prompt::Style>> ParseStyleFile(absl::string_view csv);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_STYLE_FILE_H_
