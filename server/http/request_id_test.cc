#include "server/http/request_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace darkroom::server::http {
namespace {

TEST(RequestIdTest, TakesTheCallersWhenItIsPlain) {
  EXPECT_EQ(ChooseRequestId("a-B_1.2"), "a-B_1.2");
  for (const std::string& wrong : {std::string(), std::string("a b"), std::string("a\r\nX: y"),
                                   std::string("\"><script>"), std::string(129, 'a')}) {
    EXPECT_EQ(ChooseRequestId(wrong).size(), 32u) << wrong;
    EXPECT_NE(ChooseRequestId(wrong), wrong);
  }
}

}  // namespace
}  // namespace darkroom::server::http
