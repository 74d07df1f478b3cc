#ifndef DARKROOM_COMMON_EDIT_DISTANCE_H_
#define DARKROOM_COMMON_EDIT_DISTANCE_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace darkroom {

// Levenshtein's distance: how many bytes have to be added, removed or replaced to make one text of
// the other. Takes time and memory by the product of their lengths.
std::size_t EditDistance(absl::string_view a, absl::string_view b);

}  // namespace darkroom

#endif  // DARKROOM_COMMON_EDIT_DISTANCE_H_
