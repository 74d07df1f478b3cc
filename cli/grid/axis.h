#ifndef DARKROOM_CLI_GRID_AXIS_H_
#define DARKROOM_CLI_GRID_AXIS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/picture_fields.h"

namespace darkroom::cli {

// What varies along one side of a grid.
struct Axis {
  const PictureField* field = nullptr;  // null: the prompt's search and replace
  std::string written;                  // its values as they were written
  std::vector<std::string> values;      // at least one; of a search, the first is searched for

  // A1111's name of it: "Steps", "Prompt S/R".
  absl::string_view title() const;
  // What stands beside a row or over a column: "Steps: 20"; a sampler or prompt speaks for itself.
  std::string Label(std::size_t index) const;
};

// Reads "steps=5,10,20": a field by the name of its option or by A1111's for it, or "prompt" for
// search and replace, then a line of CSV. Numbers may be ranges (cli/grid/value_range.h).
// INVALID_ARGUMENT, with the way out, for what it cannot be.
absl::StatusOr<Axis> ParseAxis(absl::string_view text);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GRID_AXIS_H_
