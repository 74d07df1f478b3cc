#include "worker/engine/lease_keeper.h"

#include "gtest/gtest.h"
#include "worker/engine/testing/engine_rig.h"

namespace darkroom::worker {
namespace {

// A rig whose feeder has leased one job; only the keeper is pumped from then on.
class LeaseKeeperTest : public ::testing::Test {
 protected:
  LeaseKeeperTest() {
    rig_.scheduler.Acquire(
        {.worker = "worker-1", .models = {"fake"}, .limit = 1}, [this](auto jobs) {
          lease_ = std::make_shared<Lease>(scheduler::LeaseKey{jobs->at(0).id, jobs->at(0).fence},
                                           rig_.clock.Now());
        });
    rig_.keeper.Hold(lease_);
    rig_.keeper.Pump();
  }

  // Moves time in steps of a second, pumping, and returns how many renewals that made.
  int Pass(int seconds, bool advancing) {
    const int before = rig_.store.renewed;
    for (int i = 0; i < seconds; ++i) {
      rig_.clock.Advance(absl::Seconds(1));
      if (advancing) lease_->NoteAdvance(rig_.clock.Now());
      rig_.keeper.Pump();
    }
    return rig_.store.renewed - before;
  }

  EngineRig rig_;
  const scheduler::JobId id_ = rig_.Submit({});
  std::shared_ptr<Lease> lease_;
};

TEST_F(LeaseKeeperTest, RenewsEveryFourSecondsWhileTheJobAdvances) {
  EXPECT_EQ(rig_.store.renewed, 1);
  EXPECT_EQ(Pass(40, /*advancing=*/true), 10);
  EXPECT_TRUE(lease_->open());
}

TEST_F(LeaseKeeperTest, LetsAStalledJobGoAndLearnsThatItIsLost) {
  lease_->NoteAdvance(rig_.clock.Now());
  EXPECT_EQ(Pass(60, /*advancing=*/false), 15);
  EXPECT_EQ(Pass(60, /*advancing=*/false), 0);
  rig_.scheduler.Reap(100, [](auto report) { EXPECT_EQ(report->requeued, 1); });
  EXPECT_TRUE(lease_->open());
  Pass(1, /*advancing=*/true);  // it has woken up, too late
  EXPECT_TRUE(lease_->lost());
}

TEST_F(LeaseKeeperTest, LearnsOfACancelWithinASecond) {
  Pass(1, /*advancing=*/true);
  rig_.Cancel(id_);
  rig_.keeper.Pump();
  EXPECT_TRUE(lease_->cancel_requested());
}

TEST_F(LeaseKeeperTest, IsNotDrivenFasterByHints) {
  const int before = rig_.store.renewed;
  for (int i = 0; i < 100; ++i) {
    rig_.clock.Advance(absl::Milliseconds(20));
    rig_.store.Append(lease_->key(), scheduler::ProgressEvent{i, 100, absl::Seconds(1)},
                      [](absl::Status status) { EXPECT_TRUE(status.ok()); });
    rig_.keeper.Pump();
  }
  EXPECT_LE(rig_.store.renewed - before, 4);
}

TEST_F(LeaseKeeperTest, TriesAgainAfterASecondWhenTheStoreIsAway) {
  rig_.store.failure = absl::UnavailableError("away");
  EXPECT_EQ(Pass(5, /*advancing=*/true), 0);
  EXPECT_TRUE(lease_->open());
  rig_.store.failure = absl::OkStatus();
  EXPECT_EQ(Pass(1, /*advancing=*/true), 1);
}

TEST_F(LeaseKeeperTest, ForgetsAClosedLease) {
  lease_->Close();
  EXPECT_EQ(Pass(20, /*advancing=*/true), 0);
}

}  // namespace
}  // namespace darkroom::worker
