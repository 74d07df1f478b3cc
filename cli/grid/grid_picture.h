#ifndef DARKROOM_CLI_GRID_GRID_PICTURE_H_
#define DARKROOM_CLI_GRID_GRID_PICTURE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/grid/job_batch.h"
#include "cli/grid/plan.h"

namespace darkroom::cli {

// The grid as a PNG file with its infotext. `results` are those of the plan's cells; one without a
// picture, or with a damaged one, gets an empty cell that says why. INTERNAL when there is no font.
absl::StatusOr<std::string> GridPng(const GridPlan& plan, const std::vector<BatchResult>& results);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GRID_GRID_PICTURE_H_
