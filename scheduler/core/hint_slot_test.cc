#include "scheduler/core/hint_slot.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "common/mutex.h"
#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

TEST(HintSlotTest, RunsTheHintOnceACall) {
  int runs = 0;
  HintSlot slot([&] { ++runs; });
  slot.Call();
  slot.Call();
  EXPECT_EQ(runs, 2);
}

TEST(HintSlotTest, ACallFromInsideTheHintRunsItOnceMoreWithoutRecursion) {
  int runs = 0;
  int depth = 0;
  int deepest = 0;
  HintSlot* self = nullptr;
  HintSlot slot([&] {
    deepest = std::max(deepest, ++depth);
    if (++runs == 1) self->Call();
    --depth;
  });
  self = &slot;
  slot.Call();
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(deepest, 1);
}

TEST(HintSlotTest, NothingRunsAfterClose) {
  int runs = 0;
  HintSlot slot([&] { ++runs; });
  slot.Close();
  slot.Call();
  EXPECT_EQ(runs, 0);
}

TEST(HintSlotTest, CloseWaitsForARunningHint) {
  Notification inside;
  std::atomic<bool> finished = false;
  HintSlot slot([&] {
    inside.Notify();
    std::this_thread::yield();
    finished = true;
  });
  std::thread caller([&] { slot.Call(); });
  inside.WaitForNotification();
  slot.Close();
  EXPECT_TRUE(finished);
  caller.join();
}

TEST(HintSlotTest, AHintMayCloseItself) {
  int runs = 0;
  HintSlot* self = nullptr;
  HintSlot slot([&] {
    ++runs;
    self->Call();
    self->Close();
  });
  self = &slot;
  slot.Call();
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace darkroom::scheduler
