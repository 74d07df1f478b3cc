#include "scheduler/core/job.h"

#include <array>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace darkroom::scheduler {
namespace {

// Indexed by JobState.
constexpr std::array<const char*, 6> kNames = {"QUEUED", "RUNNING",   "SUCCEEDED",
                                               "FAILED", "CANCELLED", "EXPIRED"};

}  // namespace

bool IsTerminal(JobState state) {
  return state != JobState::kQueued && state != JobState::kRunning;
}

bool IsLegalTransition(JobState from, JobState to) {
  switch (from) {
    case JobState::kQueued:
      return to == JobState::kRunning || to == JobState::kCancelled || to == JobState::kExpired;
    case JobState::kRunning:
      return to != JobState::kRunning;
    default:
      return false;
  }
}

absl::string_view StateName(JobState state) { return kNames[static_cast<int>(state)]; }

absl::StatusOr<JobState> ParseState(absl::string_view name) {
  for (int i = 0; i < static_cast<int>(kNames.size()); ++i) {
    if (name == kNames[i]) return static_cast<JobState>(i);
  }
  return absl::DataLossError(absl::StrCat("no such job state: \"", name, "\""));
}

}  // namespace darkroom::scheduler
