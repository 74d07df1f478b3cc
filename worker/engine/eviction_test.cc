#include "worker/engine/eviction.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

TEST(ChooseEvictions, UnloadsNothingWhileThereIsRoom) {
  EXPECT_THAT(ChooseEvictions({{.bytes = 4}, {.bytes = 3}}, 7), Optional(IsEmpty()));
}

TEST(ChooseEvictions, UnloadsTheLeastRecentlyUsedFirst) {
  EXPECT_THAT(ChooseEvictions({{.bytes = 4, .last_used = 9}, {.bytes = 4, .last_used = 2}}, 6),
              Optional(ElementsAre(1)));
}

TEST(ChooseEvictions, LeavesWhatIsPinnedOrInUse) {
  EXPECT_THAT(
      ChooseEvictions(
          {{.bytes = 4, .last_used = 1, .evictable = false}, {.bytes = 4, .last_used = 2}}, 6),
      Optional(ElementsAre(1)));
}

TEST(ChooseEvictions, KeepsASmallOldModelThatMakesNoDifference) {
  EXPECT_THAT(ChooseEvictions({{.bytes = 1, .last_used = 1}, {.bytes = 8, .last_used = 2}}, 1),
              Optional(ElementsAre(1)));
}

TEST(ChooseEvictions, UnloadsNothingWhereItWouldNotHelp) {
  EXPECT_EQ(ChooseEvictions({{.bytes = 4, .evictable = false}, {.bytes = 4}}, 3), std::nullopt);
  EXPECT_EQ(ChooseEvictions({}, -1), std::nullopt);
}

}  // namespace
}  // namespace darkroom::worker
