#ifndef DARKROOM_COMMON_EMBEDDED_FILE_H_
#define DARKROOM_COMMON_EMBEDDED_FILE_H_

#include "absl/strings/string_view.h"

namespace darkroom {

// A file that is part of the program: cmake/embed_files.cmake writes tables of them.
struct EmbeddedFile {
  absl::string_view name;  // "index.html"
  absl::string_view bytes;
  absl::string_view gzip = {};  // the same, compressed; empty where that was not asked for
};

}  // namespace darkroom

#endif  // DARKROOM_COMMON_EMBEDDED_FILE_H_
