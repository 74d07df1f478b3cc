#include "common/deadline.h"

#include "common/testing/manual_clock.h"
#include "gtest/gtest.h"

namespace darkroom {
namespace {

TEST(DeadlineTest, TimeLeftShrinksToZeroAndStaysThere) {
  ManualClock clock;
  const Deadline deadline = Deadline::In(absl::Seconds(10), clock);
  EXPECT_EQ(deadline.left(clock), absl::Seconds(10));
  EXPECT_FALSE(deadline.passed(clock));
  clock.Advance(absl::Seconds(12));
  EXPECT_TRUE(deadline.passed(clock));
  EXPECT_EQ(deadline.left(clock), absl::ZeroDuration());
}

TEST(DeadlineTest, NeverDoesNotPass) {
  ManualClock clock;
  clock.Advance(absl::Hours(1'000'000));
  EXPECT_FALSE(Deadline::Never().passed(clock));
}

}  // namespace
}  // namespace darkroom
