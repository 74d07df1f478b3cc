#include "scheduler/core/throughput.h"

#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

TEST(ThroughputTest, OfNothingSeenEachWorkerDoesASecondASecond) {
  EXPECT_EQ(Throughput().WaitFor(absl::Seconds(8), 4), absl::Seconds(2));
  EXPECT_EQ(Throughput().WaitFor(absl::Seconds(8), 0), absl::Seconds(8));
}

TEST(ThroughputTest, WhatWasSeenIsExpectedToGoOn) {
  Throughput throughput;
  for (int i = 0; i < 3600; ++i) {
    throughput.Pass(absl::Seconds(1), absl::Seconds(8));
  }
  const absl::Duration wait = throughput.WaitFor(absl::Seconds(80), 2);
  EXPECT_GT(wait, absl::Seconds(10));
  EXPECT_LT(wait, absl::Seconds(12)) << "by the batches, eight instead of two a second";
}

TEST(ThroughputTest, WhatIsLongPastHardlyCounts) {
  Throughput throughput;
  for (int i = 0; i < 3600; ++i) {
    throughput.Pass(absl::Seconds(1), absl::Seconds(8));
  }
  for (int i = 0; i < 3600; ++i) throughput.Pass(absl::Seconds(1));
  EXPECT_GT(throughput.WaitFor(absl::Seconds(80), 2), absl::Seconds(80));
  EXPECT_LE(throughput.time, Throughput::kMemory);
}

TEST(ThroughputTest, AClockThatIsPutBackCountsNothing) {
  Throughput throughput;
  throughput.Pass(-absl::Seconds(5));
  EXPECT_EQ(throughput, Throughput());
}

}  // namespace
}  // namespace darkroom::scheduler
