#ifndef DARKROOM_CLI_LOAD_LOAD_REPORT_H_
#define DARKROOM_CLI_LOAD_LOAD_REPORT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace darkroom::cli {

// What became of one job.
struct LoadResult {
  enum class End {
    kSucceeded,
    kFailed,   // the job failed, was cancelled or expired
    kRefused,  // the server did not take it
    kLost,     // its end was not seen: the stream broke, or the load was broken off
    kUnsent    // too many others were open
  };

  std::string tenant = {};
  std::string kind = {};
  absl::Duration due = absl::ZeroDuration();  // since the beginning
  End end = End::kLost;
  std::string reason = {};  // of what went wrong, as the server names it
  // From when it was due until a worker had it, and until its end. InfiniteDuration: not seen.
  absl::Duration wait = absl::InfiniteDuration();
  absl::Duration total = absl::InfiniteDuration();
};

// A table of all, of each tenant and of each kind: how many ended how, and percentiles of the waits
// and times of those that succeeded, from when they were due. Then why others did not.
std::string LatencyTable(const std::vector<LoadResult>& results, absl::Duration elapsed);

// How long those that succeeded took: a bar for each of the slices of `duration` in which they were
// due, of the median with the 95th percentile beside it. Lines of at most 78 columns.
std::string LatencyPlot(const std::vector<LoadResult>& results, absl::Duration duration);

// All results as lines of JSON.
std::string ToJsonLines(const std::vector<LoadResult>& results);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_LOAD_LOAD_REPORT_H_
