#ifndef DARKROOM_CLI_GRID_FONT_DATA_H_
#define DARKROOM_CLI_GRID_FONT_DATA_H_

#include "absl/strings/string_view.h"

namespace darkroom::cli {

// The bytes of a TrueType font that is part of the program: DejaVu Sans, which has the letters of
// most alphabets (Latin, Cyrillic, Greek, Arabic, ...) but no Chinese or Japanese. Its licence,
// which allows this, is in its name table.
absl::string_view FontData();

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GRID_FONT_DATA_H_
