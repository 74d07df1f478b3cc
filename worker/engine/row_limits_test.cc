#include "worker/engine/row_limits.h"

#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

TEST(RowLimits, AreTheMostUntilMemoryRunsOut) {
  RowLimits<int> limits;
  EXPECT_EQ(limits.Get(1, 16), 16);
  EXPECT_EQ(limits.NoteOutOfMemory(1, 16), 8);
  EXPECT_EQ(limits.Get(1, 16), 8);
  EXPECT_EQ(limits.Get(1, 4), 4);
  EXPECT_EQ(limits.Get(2, 16), 16);
}

TEST(RowLimits, NeverFallBelowOne) {
  RowLimits<int> limits;
  EXPECT_EQ(limits.NoteOutOfMemory(1, 3), 1);
  EXPECT_EQ(limits.NoteOutOfMemory(1, 1), 1);
}

TEST(RowLimits, RiseAgainAfterLongSuccessAtTheLimit) {
  RowLimits<int> limits;
  limits.NoteOutOfMemory(1, 8);
  for (int i = 0; i < RowLimits<int>::kPatience; ++i) limits.NoteFit(1, 3);
  EXPECT_EQ(limits.Get(1, 8), 4);
  for (int i = 0; i < RowLimits<int>::kPatience; ++i) limits.NoteFit(1, 4);
  EXPECT_EQ(limits.Get(1, 8), 5);
}

}  // namespace
}  // namespace darkroom::worker
