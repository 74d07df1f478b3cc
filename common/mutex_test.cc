#include "common/mutex.h"

#include <thread>

#include "gtest/gtest.h"

namespace darkroom {
namespace {

TEST(MutexTest, AwaitReturnsWhenAnotherThreadMakesItsConditionTrue) {
  Mutex mutex;
  int turns = 0;
  std::thread other([&] {
    for (int i = 0; i < 3; ++i) {
      MutexLock lock(&mutex);
      ++turns;
    }
  });
  {
    MutexLock lock(&mutex);
    mutex.Await([&] { return turns == 3; });
    EXPECT_EQ(turns, 3);
  }
  other.join();
}

TEST(MutexTest, AwaitGivesUpWithTheLockHeld) {
  Mutex mutex;
  MutexLock lock(&mutex);
  EXPECT_FALSE(mutex.AwaitWithTimeout([] { return false; }, absl::Milliseconds(1)));
}

TEST(MutexTest, TwoWaitersHandOverToEachOther) {
  Mutex mutex;
  int turn = 0;
  const auto play = [&](int parity) {
    for (int i = 0; i < 100; ++i) {
      MutexLock lock(&mutex);
      mutex.Await([&] { return turn % 2 == parity; });
      ++turn;
    }
  };
  std::thread other(play, 1);
  play(0);
  other.join();
  EXPECT_EQ(turn, 200);
}

TEST(NotificationTest, MayBeDestroyedAsSoonAsItWasWaitedFor) {
  for (int i = 0; i < 1000; ++i) {
    std::thread notifier;
    {
      Notification done;
      notifier = std::thread([&done] { done.Notify(); });
      done.WaitForNotification();
      EXPECT_TRUE(done.HasBeenNotified());
    }
    notifier.join();
  }
}

}  // namespace
}  // namespace darkroom
