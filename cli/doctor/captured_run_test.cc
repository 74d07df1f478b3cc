#include "cli/doctor/captured_run.h"

#include <gtest/gtest.h>

#include <string>

namespace darkroom::cli {
namespace {

constexpr absl::Duration kLong = absl::Minutes(2);

TEST(CapturedRunTest, ReturnsWhatWasWrittenAndHowItEnded) {
  const auto run = RunCaptured({"sh", "-c", "cat; echo out; echo err >&2; exit 3"}, kLong);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->exit_status, 3);
  EXPECT_EQ(run->out, "out\n");
  EXPECT_EQ(run->err, "err\n");
}

TEST(CapturedRunTest, TakesMoreThanAPipeHolds) {
  const auto run = RunCaptured({"sh", "-c", "head -c 300000 /dev/zero"}, kLong);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->out.size(), 300000u);
}

TEST(CapturedRunTest, ASignalIsAStatusToo) {
  const auto run = RunCaptured({"sh", "-c", "kill -9 $$"}, kLong);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->exit_status, 128 + 9);
}

TEST(CapturedRunTest, WhatIsNotThereIsSaid) {
  EXPECT_EQ(RunCaptured({"/no/such/program"}, kLong).status().code(), absl::StatusCode::kNotFound);
}

TEST(CapturedRunTest, WhatDoesNotEndIsKilled) {
  EXPECT_EQ(RunCaptured({"sleep", "1000"}, absl::Milliseconds(50)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace darkroom::cli
