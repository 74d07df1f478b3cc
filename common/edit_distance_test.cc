#include "common/edit_distance.h"

#include <gtest/gtest.h>

namespace darkroom {
namespace {

TEST(EditDistanceTest, CountsWhatIsAddedRemovedAndReplaced) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("", "abc"), 3u);
  EXPECT_EQ(EditDistance("abc", ""), 3u);
  EXPECT_EQ(EditDistance("listen", "listen"), 0u);
  EXPECT_EQ(EditDistance("lisen", "listen"), 1u);
  EXPECT_EQ(EditDistance("listenn", "listen"), 1u);
  EXPECT_EQ(EditDistance("lixten", "listen"), 1u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
}

}  // namespace
}  // namespace darkroom
