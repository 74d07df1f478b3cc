#include "worker/engine/lease.h"

#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1000);

TEST(Lease, StallsWhenNoStepComes) {
  Lease lease({"job", 1}, kStart);
  EXPECT_FALSE(lease.stalled(kStart + Lease::kStall * Lease::kFirstStall));
  EXPECT_TRUE(lease.stalled(kStart + Lease::kStall * Lease::kFirstStall + absl::Seconds(1)));
  lease.NoteAdvance(kStart);
  EXPECT_FALSE(lease.stalled(kStart + Lease::kStall));
  EXPECT_TRUE(lease.stalled(kStart + Lease::kStall + absl::Seconds(1)));
}

TEST(Lease, GrantsAJobOfSlowStepsMoreTime) {
  Lease lease({"job", 1}, kStart);
  lease.NoteAdvance(kStart);
  const absl::Time second = kStart + absl::Seconds(30);
  lease.NoteAdvance(second);
  EXPECT_FALSE(lease.stalled(second + absl::Seconds(599)));
  EXPECT_TRUE(lease.stalled(second + absl::Seconds(601)));
}

TEST(Lease, ForgetsASlowStepAfterManyFastOnes) {
  Lease lease({"job", 1}, kStart);
  absl::Time now = kStart;
  lease.NoteAdvance(now);
  lease.NoteAdvance(now += absl::Seconds(30));
  for (int i = 0; i < 200; ++i) lease.NoteAdvance(now += absl::Milliseconds(10));
  EXPECT_TRUE(lease.stalled(now + Lease::kStall + absl::Seconds(1)));
}

TEST(Lease, DoesNotStallWhileItWaitsForOtherJobs) {
  Lease lease({"job", 1}, kStart);
  const absl::Time later = kStart + absl::Hours(1);
  lease.NoteWaiting(later);
  EXPECT_FALSE(lease.stalled(later + Lease::kStall * Lease::kFirstStall));
  EXPECT_TRUE(lease.stalled(later + Lease::kStall * Lease::kFirstStall + absl::Seconds(1)));
}

TEST(Lease, CannotStallOnceComputed) {
  Lease lease({"job", 1}, kStart);
  lease.NoteComputed();
  EXPECT_FALSE(lease.stalled(kStart + absl::Hours(1)));
}

TEST(Lease, IsOpenUntilLostOrClosed) {
  Lease lost({"job", 1}, kStart);
  EXPECT_TRUE(lost.open());
  lost.MarkLost();
  EXPECT_FALSE(lost.open());
  EXPECT_TRUE(lost.lost());
  Lease closed({"job", 1}, kStart);
  closed.Close();
  EXPECT_FALSE(closed.open());
  EXPECT_FALSE(closed.lost());
}

}  // namespace
}  // namespace darkroom::worker
