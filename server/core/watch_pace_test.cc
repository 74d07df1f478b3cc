#include "server/core/watch_pace.h"

#include <gtest/gtest.h>

namespace darkroom::server {
namespace {

TEST(WatchPaceTest, FewWatchesLookAsOftenAsTheyWish) {
  WatchPace pace;
  EXPECT_EQ(pace.Of(absl::Seconds(1)), absl::Seconds(1));
  for (int i = 0; i < WatchPace::kUnhurried; ++i) pace.Enter();
  EXPECT_EQ(pace.Of(absl::Seconds(1)), absl::Seconds(1));
}

TEST(WatchPaceTest, ManyWatchesTogetherLookNoMoreOftenThanSome) {
  WatchPace pace;
  for (int i = 0; i < 4 * WatchPace::kUnhurried; ++i) pace.Enter();
  EXPECT_EQ(pace.Of(absl::Seconds(2)), absl::Seconds(8));
  for (int i = 0; i < 3 * WatchPace::kUnhurried; ++i) pace.Leave();
  EXPECT_EQ(pace.Of(absl::Seconds(2)), absl::Seconds(2));
}

TEST(WatchPaceTest, NobodyLooksLessOftenThanTheSlowestUnlessTheyWishTo) {
  WatchPace pace;
  for (int i = 0; i < 1000 * WatchPace::kUnhurried; ++i) pace.Enter();
  EXPECT_EQ(pace.Of(absl::Seconds(2)), WatchPace::kSlowest);
  EXPECT_EQ(pace.Of(absl::Minutes(2)), absl::Minutes(2));
}

}  // namespace
}  // namespace darkroom::server
