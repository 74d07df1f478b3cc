// What observers are told by engine, keeper and publisher.

#include "worker/engine/work_observer.h"

#include <string>
#include <variant>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/engine/testing/engine_rig.h"

namespace darkroom::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(WorkObserver, IsToldOfEachForwardWhoSharedItAndWhoCouldHave) {
  EngineRig rig({.max_rows = 5, .time_per_row = absl::Milliseconds(3)});
  rig.Submit({.prompt = "two", .steps = 2, .images = 2});
  rig.Submit({.prompt = "one", .steps = 1});
  rig.RunDry();
  ASSERT_THAT(rig.observed.forwards, SizeIs(2));
  const WorkObserver::Forward& first = rig.observed.forwards[0];
  EXPECT_EQ(first.model, "fake");
  EXPECT_EQ(first.images, 3);
  EXPECT_EQ(first.room, 5);
  EXPECT_EQ(first.rows, 6) << "a prompt and a negative prompt each";
  EXPECT_THAT(first.steps, ElementsAre(Pair("standard", 3)));
  EXPECT_EQ(first.elapsed, absl::Milliseconds(9));
  EXPECT_EQ(rig.observed.forwards[1].images, 2);
  EXPECT_THAT(rig.observed.forwards[1].steps, ElementsAre(Pair("standard", 2)));
}

TEST(WorkObserver, IsToldOfEachJobsShareOfAForwardAndItsHowManiethThatIs) {
  EngineRig rig({.max_rows = 5});
  const scheduler::JobId two = rig.Submit({.steps = 2, .images = 2});
  const scheduler::JobId one = rig.Submit({.steps = 1});
  rig.RunDry();
  EXPECT_THAT(rig.observed.beginnings, ElementsAre(Pair(two, 0), Pair(one, 0)));
  using Share = WorkLog::JobShare;
  EXPECT_THAT(rig.observed.shares,
              ElementsAre(Share{.job = two, .number = 1, .images = 2, .rows = 4, .steps = 2},
                          Share{.job = one, .number = 1, .images = 1, .rows = 2, .steps = 1},
                          Share{.job = two, .number = 2, .images = 2, .rows = 4, .steps = 2}));
}

TEST(WorkObserver, IsToldWhenTheStoreHasAnImageAndHowLongThatTook) {
  EngineRig rig;
  rig.store.put_failure = absl::UnavailableError("away");
  const scheduler::JobId job = rig.Submit({.steps = 1});
  for (int i = 0; i < 5; ++i) rig.Tick();
  EXPECT_THAT(rig.observed.pictures, SizeIs(1));
  EXPECT_THAT(rig.observed.stored, IsEmpty());
  rig.clock.Advance(absl::Seconds(3));
  rig.store.put_failure = absl::OkStatus();
  rig.RunDry();
  for (int i = 0; i < 10; ++i) rig.Tick();
  EXPECT_THAT(rig.observed.stored, ElementsAre(WorkLog::StoredImage{
                                       .job = job, .image = 0, .elapsed = absl::Seconds(3)}));
  EXPECT_THAT(rig.observed.end_times, ElementsAre(absl::Seconds(3)));
}

TEST(WorkObserver, RoomIsWhatFitsIntoMemory) {
  EngineRig rig({.memory_rows = 2});
  rig.Submit({.steps = 1});
  rig.Submit({.steps = 1});
  rig.Submit({.steps = 1});
  rig.RunDry();
  ASSERT_FALSE(rig.observed.forwards.empty());
  for (const WorkObserver::Forward& forward : rig.observed.forwards) {
    EXPECT_LE(forward.images, forward.room);
    EXPECT_LE(forward.room, 2);
  }
}

TEST(WorkObserver, IsToldOfEachPictureAndItsDecoding) {
  EngineRig rig({.time_to_decode = absl::Milliseconds(7)});
  rig.Submit({.images = 2});
  rig.RunDry();
  EXPECT_THAT(rig.observed.decodes, ElementsAre(Pair("fake", absl::Milliseconds(7)),
                                                Pair("fake", absl::Milliseconds(7))));
  EXPECT_THAT(rig.observed.pictures, ElementsAre("fake", "fake"));
  ASSERT_THAT(rig.observed.ends, SizeIs(1));
  EXPECT_TRUE(std::holds_alternative<scheduler::Succeeded>(rig.observed.ends[0]));
}

TEST(WorkObserver, IsToldHowLongAJobHasWaitedAndHowOldItIsAtItsEnd) {
  EngineRig rig({.time_per_row = absl::Milliseconds(100)});
  rig.Submit({.steps = 3});
  rig.clock.Advance(absl::Seconds(2));
  rig.RunDry();
  EXPECT_THAT(rig.observed.waits, ElementsAre(Pair("standard", absl::Seconds(2))));
  EXPECT_THAT(rig.observed.ages, ElementsAre(absl::Milliseconds(2300)));
}

TEST(WorkObserver, IsToldOfAWaitOnceHoweverOftenTheJobIsLeased) {
  EngineRig rig;
  rig.Submit({.steps = 100});
  rig.Tick();
  rig.clock.Advance(2 * scheduler::LeaseStore::kLeaseDuration);
  rig.scheduler.Reap(100, [](auto report) { EXPECT_EQ(report->requeued, 1); });
  rig.RunDry();
  EXPECT_THAT(rig.observed.waits, SizeIs(1));
  EXPECT_THAT(rig.observed.ends, SizeIs(1));
}

TEST(WorkObserver, IsToldWhyAJobHasFailed) {
  EngineRig rig({.nan_word = "poisoned"});
  rig.Submit({.prompt = "a poisoned apple"});
  rig.RunDry();
  ASSERT_THAT(rig.observed.ends, SizeIs(1));
  const auto* failed = std::get_if<scheduler::Failed>(&rig.observed.ends[0]);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->failure.reason, "NUMERICAL_ERROR");
  EXPECT_THAT(rig.observed.pictures, IsEmpty());
}

TEST(WorkObserver, IsToldOfAnEndOnlyWhenTheStoreHasIt) {
  EngineRig rig;
  rig.Submit({.steps = 3});
  rig.Tick();
  rig.store.failure = absl::UnavailableError("away");
  for (int i = 0; i < 10; ++i) rig.Tick();
  EXPECT_THAT(rig.observed.ends, IsEmpty());
  rig.store.failure = absl::OkStatus();
  rig.clock.Advance(absl::Seconds(5));
  rig.RunDry();
  for (int i = 0; i < 10; ++i) rig.Tick();
  EXPECT_THAT(rig.observed.ends, SizeIs(1));
}

TEST(WorkObserver, IsToldOnceOfALeaseThatIsLost) {
  EngineRig rig;
  rig.Submit({.steps = 100});
  rig.Tick();
  rig.clock.Advance(2 * scheduler::LeaseStore::kLeaseDuration);
  rig.scheduler.Reap(100, [](auto report) { EXPECT_EQ(report->requeued, 1); });
  rig.keeper.Pump();
  rig.keeper.Pump();
  EXPECT_EQ(rig.observed.lost_leases, 1);
  EXPECT_THAT(rig.observed.ends, IsEmpty());
}

TEST(WorkObserver, IsToldOfAJobThatIsHandedBack) {
  EngineRig rig;
  rig.Submit({.steps = 100});
  rig.Tick();
  rig.engine.Drain(rig.clock.Now());
  rig.RunDry();
  EXPECT_EQ(rig.observed.releases, 1);
  EXPECT_EQ(rig.observed.lost_leases, 0);
}

}  // namespace
}  // namespace darkroom::worker
