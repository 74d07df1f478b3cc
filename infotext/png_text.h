#ifndef DARKROOM_INFOTEXT_PNG_TEXT_H_
#define DARKROOM_INFOTEXT_PNG_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::infotext {

// No longer text is read, compressed or not, in bytes of the file's own encoding.
inline constexpr std::size_t kMaxPngTextBytes = std::size_t{1} << 20;

// The text of keyword "parameters" in a PNG file (ISO/IEC 15948, sections 5.3 and 11.3.3): a tEXt
// or zTXt chunk in Latin-1, or an iTXt chunk; the last one of several. UTF-8. The pixels are not
// decoded, but every chunk's length and checksum is checked.
//
// NOT_FOUND for a file without such a text; INVALID_ARGUMENT for bytes that are no PNG file up to
// its end, a text that is too long, cannot be decompressed or is not in its encoding.
absl::StatusOr<std::string> ReadPngParameters(absl::string_view png);

}  // namespace darkroom::infotext

#endif  // DARKROOM_INFOTEXT_PNG_TEXT_H_
