#include "worker/engine/folder_watcher.h"

#include "common/testing/manual_clock.h"
#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

TEST(FolderWatcher, LooksAtOnceAndThenEveryFiveSecondsFromTheEndOfALook) {
  ManualClock clock;
  int looks = 0;
  FolderWatcher watcher(
      [&] {
        ++looks;
        clock.Advance(absl::Seconds(30));  // a slow disk
        return FolderWatcher::Sight::kSettled;
      },
      clock);
  EXPECT_EQ(watcher.Pump(), FolderWatcher::kInterval);
  clock.Advance(absl::Seconds(4));
  EXPECT_EQ(watcher.Pump(), absl::Seconds(1));
  EXPECT_EQ(looks, 1);
  clock.Advance(absl::Seconds(1));
  watcher.Pump();
  EXPECT_EQ(looks, 2);
}

TEST(FolderWatcher, LooksEverySecondWhileAFileIsWritten) {
  ManualClock clock;
  FolderWatcher::Sight sight = FolderWatcher::Sight::kUnsettled;
  FolderWatcher watcher([&sight] { return sight; }, clock);
  EXPECT_EQ(watcher.Pump(), FolderWatcher::kUnsettledInterval);
  sight = FolderWatcher::Sight::kSettled;
  clock.Advance(FolderWatcher::kUnsettledInterval);
  EXPECT_EQ(watcher.Pump(), FolderWatcher::kInterval);
}

TEST(FolderWatcher, StopsWhileItWaits) {
  FolderWatcher watcher([] { return FolderWatcher::Sight::kSettled; }, Clock::System());
  watcher.Stop();
  watcher.Run();
}

}  // namespace
}  // namespace darkroom::worker
