#include "server/http/entity_tag.h"

#include <gtest/gtest.h>

namespace darkroom::server::http {
namespace {

TEST(EntityTagTest, IsNamedAmongOthersWholly) {
  EXPECT_TRUE(NamesTag("\"a\"", "\"a\""));
  EXPECT_TRUE(NamesTag("\"b\" , W/\"a\"", "\"a\""));
  EXPECT_TRUE(NamesTag("*", "\"a\""));
  EXPECT_FALSE(NamesTag("\"ab\"", "\"a\""));
  EXPECT_FALSE(NamesTag("\"a-gzip\"", "\"a\""));
  EXPECT_FALSE(NamesTag("a", "\"a\""));
  EXPECT_FALSE(NamesTag("", "\"a\""));
}

}  // namespace
}  // namespace darkroom::server::http
