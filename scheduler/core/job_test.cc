#include "scheduler/core/job.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

constexpr JobState kAll[] = {JobState::kQueued, JobState::kRunning,   JobState::kSucceeded,
                             JobState::kFailed, JobState::kCancelled, JobState::kExpired};

TEST(JobStateTest, TerminalStatesAbsorb) {
  for (JobState from : kAll) {
    for (JobState to : kAll) {
      if (IsTerminal(from)) {
        EXPECT_FALSE(IsLegalTransition(from, to)) << StateName(from) << " " << StateName(to);
      }
    }
  }
}

TEST(JobStateTest, QueuedJobsRunOrEndWithoutAWorkersVerdict) {
  EXPECT_TRUE(IsLegalTransition(JobState::kQueued, JobState::kRunning));
  EXPECT_TRUE(IsLegalTransition(JobState::kQueued, JobState::kCancelled));
  EXPECT_TRUE(IsLegalTransition(JobState::kQueued, JobState::kExpired));
  EXPECT_FALSE(IsLegalTransition(JobState::kQueued, JobState::kQueued));
  EXPECT_FALSE(IsLegalTransition(JobState::kQueued, JobState::kSucceeded));
  EXPECT_FALSE(IsLegalTransition(JobState::kQueued, JobState::kFailed));
}

TEST(JobStateTest, RunningJobsEndOrGoBackToTheQueue) {
  for (JobState to : kAll) {
    EXPECT_EQ(IsLegalTransition(JobState::kRunning, to), to != JobState::kRunning) << StateName(to);
  }
}

TEST(JobStateTest, NamesAreReadBack) {
  for (JobState state : kAll) {
    EXPECT_EQ(ParseState(StateName(state)).value(), state);
  }
}

TEST(JobStateTest, AnUnknownNameIsDataLoss) {
  EXPECT_EQ(ParseState("queued").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ParseState("").status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace darkroom::scheduler
