#include "common/ids.h"

#include <string>

#include "gtest/gtest.h"

namespace darkroom {
namespace {

TEST(IdsTest, RandomIdsAreWellFormedAndDiffer) {
  const std::string a = RandomId();
  EXPECT_TRUE(IsRandomId(a));
  EXPECT_NE(a, RandomId());
}

TEST(IdsTest, OtherTextIsNoRandomId) {
  EXPECT_FALSE(IsRandomId(""));
  EXPECT_FALSE(IsRandomId("0123456789abcdef0123456789abcdeF"));
  EXPECT_FALSE(IsRandomId("0123456789abcdef0123456789abcde"));
}

TEST(IdsTest, CatalogueIdsHoldNothingThatAPathOrAKeyCouldMisread) {
  EXPECT_TRUE(IsCatalogueId("sd-v1.5_pruned"));
  for (const char* bad : {"", "Demo", "a/b", "a b", "{x}", "a:b", "é"}) {
    EXPECT_FALSE(IsCatalogueId(bad)) << bad;
  }
  EXPECT_TRUE(IsCatalogueId(std::string(64, 'a')));
  EXPECT_FALSE(IsCatalogueId(std::string(65, 'a')));
}

}  // namespace
}  // namespace darkroom
