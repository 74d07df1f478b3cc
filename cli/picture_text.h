#ifndef DARKROOM_CLI_PICTURE_TEXT_H_
#define DARKROOM_CLI_PICTURE_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::cli {

// The most that ReadInfotext takes, in bytes.
inline constexpr std::size_t kMaxInfotextBytes = 65'536;

// The generation parameters that a file holds: a PNG's text, or the whole of a text file. "-" is
// standard input. UTF-8, not empty, of at most kMaxInfotextBytes. Errors, each naming the file: it
// cannot be read, holds no parameters, or too many bytes.
absl::StatusOr<std::string> ReadPictureText(const std::string& path);

// The same for the content of a file; `name` is for messages.
absl::StatusOr<std::string> ExtractPictureText(absl::string_view name, std::string content);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_PICTURE_TEXT_H_
