#ifndef DARKROOM_CLI_GRID_BATCH_LINE_H_
#define DARKROOM_CLI_GRID_BATCH_LINE_H_

#include "absl/time/time.h"
#include "cli/grid/job_batch.h"
#include "cli/progress_bar.h"

namespace darkroom::cli {

// A batch on one line: "7 of 20 pictures, 0:42 left". `elapsed` is the time since it began.
ProgressLine LineOf(const BatchProgress& progress, absl::Duration elapsed);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GRID_BATCH_LINE_H_
