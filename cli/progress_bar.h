#ifndef DARKROOM_CLI_PROGRESS_BAR_H_
#define DARKROOM_CLI_PROGRESS_BAR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "darkroom/v1/job.pb.h"

namespace darkroom::cli {

// How far a job is, as its events tell. A value; what is drawn depends on nothing else.
struct Progress {
  enum class Phase { kSubmitting, kQueued, kRunning, kFinished };

  Phase phase = Phase::kSubmitting;
  std::int64_t position = 0;  // jobs ahead in the queue
  std::optional<absl::Duration> estimated_wait;
  bool requeued = false;  // its worker was lost or drained
  int step = 0;
  int steps = 0;
  std::optional<absl::Duration> time_left;
  int images_done = 0;
  int images = 1;

  void Update(const darkroom::v1::JobEvent& event);
  // 0 to 1.
  double fraction() const;
};

// What is shown of the progress of something.
struct ProgressLine {
  std::string text;     // "step 10 of 20, 0:04 left"
  double fraction = 0;  // 0 to 1
  int phase = 0;        // a change of it is news
};

ProgressLine LineOf(const Progress& progress);

// One line of at most `columns` characters for a terminal, without a line feed:
//   [############............] step 10 of 20, 0:04 left
std::string RenderBar(const ProgressLine& line, int columns);

// "0:04", "12:34", "1:02:03"; rounded up, never negative.
std::string ClockText(absl::Duration duration);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_PROGRESS_BAR_H_
