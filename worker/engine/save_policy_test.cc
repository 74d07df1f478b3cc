#include "worker/engine/save_policy.h"

#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(10);

TEST(SavePolicy, SavesOnceAnIntervalOfWorkIsUnsaved) {
  const absl::Duration left = absl::Minutes(1);
  EXPECT_FALSE(WorthSaving({.unsaved = absl::ZeroDuration(), .left = left}, kInterval));
  EXPECT_FALSE(WorthSaving({.unsaved = absl::Seconds(9.9), .left = left}, kInterval));
  EXPECT_TRUE(WorthSaving({.unsaved = kInterval, .left = left}, kInterval));
  EXPECT_TRUE(WorthSaving({.unsaved = kInterval, .left = absl::InfiniteDuration()}, kInterval));
}

TEST(SavePolicy, SavesNothingTowardsTheEnd) {
  const absl::Duration unsaved = absl::Hours(1);
  EXPECT_TRUE(WorthSaving({.unsaved = unsaved, .left = absl::Seconds(5)}, kInterval));
  EXPECT_FALSE(WorthSaving({.unsaved = unsaved, .left = absl::Seconds(4.9)}, kInterval));
  EXPECT_FALSE(WorthSaving({.unsaved = unsaved, .left = absl::ZeroDuration()}, kInterval));
}

TEST(SavePolicy, AJobThatIsHandedBackIsSavedForASecondOfWork) {
  const absl::Duration left = absl::Seconds(3);
  EXPECT_FALSE(
      WorthSaving({.unsaved = absl::Seconds(0.9), .left = left, .leaving = true}, kInterval));
  EXPECT_TRUE(WorthSaving({.unsaved = absl::Seconds(1), .left = left, .leaving = true}, kInterval));
  EXPECT_TRUE(WorthSaving({.unsaved = absl::Seconds(0.5), .left = left, .leaving = true},
                          absl::Seconds(0.5)))
      << "never later than otherwise";
}

TEST(SavePolicy, NeverSavesWhereThatIsAskedFor) {
  const SaveChance running{.unsaved = absl::Hours(1), .left = absl::Hours(1)};
  const SaveChance leaving{.unsaved = absl::Hours(1), .left = absl::Hours(1), .leaving = true};
  EXPECT_FALSE(WorthSaving(running, absl::InfiniteDuration()));
  EXPECT_FALSE(WorthSaving(leaving, absl::InfiniteDuration()));
}

}  // namespace
}  // namespace darkroom::worker
