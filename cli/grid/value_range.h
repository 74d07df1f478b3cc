#ifndef DARKROOM_CLI_GRID_VALUE_RANGE_H_
#define DARKROOM_CLI_GRID_VALUE_RANGE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::cli {

// Ranges of numbers as A1111's X/Y/Z plot writes them:
//   1-5        1, 2, 3, 4, 5
//   1-10 (+3)  1, 4, 7, 10
//   1-10 [4]   four numbers, evenly spaced; whole numbers are cut to such
// With fractions where numbers may have them: "0-1 (+0.25)". Both ends are included where a step
// meets them. (The original steps past the end of a range of fractions, and stops short of the end
// of a falling one.)

// The most values of one range.
inline constexpr int kMaxRangeValues = 256;

// nullopt for a text that is no range. INVALID_ARGUMENT for a range without values or with too
// many.
absl::StatusOr<std::optional<std::vector<std::string>>> ExpandRange(absl::string_view text,
                                                                    bool whole_numbers);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GRID_VALUE_RANGE_H_
