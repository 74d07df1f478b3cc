#include "cli/grid/batch_line.h"

#include "absl/strings/str_cat.h"

namespace darkroom::cli {
namespace {

constexpr double kEnoughToPredict = 0.02;  // of the whole

}  // namespace

ProgressLine LineOf(const BatchProgress& progress, absl::Duration elapsed) {
  ProgressLine line;
  line.fraction = progress.fraction;
  line.text = absl::StrCat(progress.ended, " of ", progress.jobs,
                           progress.jobs == 1 ? " picture" : " pictures");
  if (progress.reconnecting) {
    absl::StrAppend(&line.text, ", no connection; trying again");
    line.phase = 4;
    return line;
  }
  if (progress.submitted < progress.jobs) {
    absl::StrAppend(&line.text, ", ", progress.submitted, " sent");
    if (progress.waiting_for_room) absl::StrAppend(&line.text, ", the server's queue is full");
    line.phase = progress.waiting_for_room ? 1 : 0;
    return line;
  }
  line.phase = progress.ended < progress.jobs ? 2 : 3;
  if (progress.fraction >= kEnoughToPredict && progress.ended < progress.jobs) {
    absl::StrAppend(&line.text, ", ",
                    ClockText(elapsed * ((1 - progress.fraction) / progress.fraction)), " left");
  }
  return line;
}

}  // namespace darkroom::cli
