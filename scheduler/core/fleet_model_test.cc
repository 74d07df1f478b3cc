#include "scheduler/core/fleet_model.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

FleetModel OneWorker() {
  return FleetModel({.workers = 1, .capacity = 2, .alone = 0.5, .load = absl::Seconds(10)},
                    {"a", "b"});
}

FleetJob FleetJobOf(std::int64_t order, absl::Duration work, absl::Duration foretold) {
  return {.place = {.order = order,
                    .tier = "standard",
                    .tenant = "alice",
                    .model = "a",
                    .cost = foretold},
          .work = work,
          .foretold = foretold};
}

// All that happens, as "<milliseconds> begins|ends <order>".
std::vector<std::string> RunToEnd(FleetModel fleet) {
  std::vector<std::string> log;
  while (fleet.NextChange() != absl::InfiniteDuration()) {
    for (const FleetChange& change : fleet.AdvanceTo(fleet.NextChange())) {
      log.push_back(absl::StrCat(std::llround(absl::ToDoubleMilliseconds(fleet.now()))) +
                    (change.ended ? " ends " : " begins ") + std::to_string(change.order));
    }
  }
  return log;
}

TEST(FleetModelTest, WithoutJobsNothingHappens) {
  EXPECT_EQ(OneWorker().NextChange(), absl::InfiniteDuration());
}

TEST(FleetModelTest, TimeGoesNoFurtherThanTheNextChange) {
  FleetModel fleet = OneWorker();
  fleet.Submit(FleetJobOf(1, absl::Seconds(4), absl::Seconds(4)));
  EXPECT_TRUE(fleet.AdvanceTo(absl::Seconds(3)).empty());
  EXPECT_EQ(fleet.now(), absl::Seconds(3));
  EXPECT_EQ(fleet.AdvanceTo(absl::Hours(1)).size(), 1);
  EXPECT_EQ(fleet.now(), absl::Seconds(10)) << "the model is loaded";
  EXPECT_EQ(fleet.loading(), absl::Seconds(10));
}

TEST(FleetModelTest, AJobThatIsLeftInPartIsForetoldInThatPart) {
  FleetModel fleet = OneWorker();
  fleet.Submit(FleetJobOf(1, absl::Seconds(4), absl::Seconds(8)));
  fleet.AdvanceTo(absl::Seconds(10));
  fleet.AdvanceTo(absl::Seconds(11));
  EXPECT_EQ(RunToEnd(fleet), (std::vector<std::string>{"14000 ends 1"}));
  EXPECT_EQ(RunToEnd(fleet.Foretold()), (std::vector<std::string>{"17000 ends 1"}))
      << "three quarters of 8 s";
}

TEST(FleetModelTest, NothingIsAheadOfAJobWhoseModelIsBeingLoaded) {
  FleetModel fleet = OneWorker();
  fleet.Submit(FleetJobOf(1, absl::Seconds(4), absl::Seconds(4)));
  fleet.Submit(FleetJobOf(2, absl::Seconds(4), absl::Seconds(4)));
  fleet.Submit(FleetJobOf(3, absl::Seconds(4), absl::Seconds(4)));
  EXPECT_EQ(fleet.AheadOf(1), absl::ZeroDuration());
  EXPECT_EQ(fleet.AheadOf(3), absl::Seconds(4));
}

TEST(FleetModelTest, AFullWorkerHasRoomWhenAJobEnds) {
  FleetModel fleet = OneWorker();
  EXPECT_EQ(fleet.UntilRoom(), absl::ZeroDuration());
  fleet.Submit(FleetJobOf(1, absl::Seconds(4), absl::Seconds(4)));
  EXPECT_EQ(fleet.UntilRoom(), absl::Seconds(10)) << "its model is loaded";
  fleet.AdvanceTo(absl::Seconds(10));
  EXPECT_EQ(fleet.UntilRoom(), absl::ZeroDuration());
  fleet.Submit(FleetJobOf(2, absl::Seconds(2), absl::Seconds(2)));
  EXPECT_EQ(fleet.UntilRoom(), absl::Seconds(3)) << "two are computed in 1.5 times the time";
}

TEST(FleetModelTest, AWorkerThatIsToLoadAnotherModelHasRoomAfterThat) {
  FleetModel fleet = OneWorker();
  fleet.Submit(FleetJobOf(1, absl::Seconds(4), absl::Seconds(4)));
  fleet.AdvanceTo(absl::Seconds(10));
  FleetJob other = FleetJobOf(2, absl::Seconds(2), absl::Seconds(2));
  other.place.model = "b";
  fleet.Submit(other);
  EXPECT_EQ(fleet.UntilRoom(), absl::Seconds(14));
}

}  // namespace
}  // namespace darkroom::scheduler
