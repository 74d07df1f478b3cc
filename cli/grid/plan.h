#ifndef DARKROOM_CLI_GRID_PLAN_H_
#define DARKROOM_CLI_GRID_PLAN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "cli/grid/axis.h"
#include "darkroom/v1/image_parameters.pb.h"

namespace darkroom::cli {

// The most cells of a grid.
inline constexpr std::size_t kMaxGridCells = 256;

// x goes to the right, y down, z from block to block.
using GridAxes = std::array<std::optional<Axis>, 3>;

// What to make for each cell.
struct GridPlan {
  GridAxes axes;  // with drawn seeds in place of -1
  // Values of each axis; 1 for one that is not there.
  std::array<std::size_t, 3> size = {1, 1, 1};
  // Of cell (x, y, z) at (z * size[1] + y) * size[0] + x. One image each.
  std::vector<darkroom::v1::ImageParameters> cells;

  // The cell's index on each axis.
  std::array<std::size_t, 3> PlaceOf(std::size_t cell) const;
  // "Steps: 20, Euler".
  std::string CellName(std::size_t cell) const;
};

// `draw_seed` gives a random one, for each -1: all cells share the seed unless it is an axis.
// Prompt search and replace looks into both prompts. INVALID_ARGUMENT, with the way out: no axis,
// one field on two axes, too many cells, a text that is searched for and not there.
absl::StatusOr<GridPlan> PlanGrid(darkroom::v1::ImageParameters base, GridAxes axes,
                                  absl::FunctionRef<std::int64_t()> draw_seed);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GRID_PLAN_H_
