#include "server/http/response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::server::http {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ResponseTest, HeadersCannotBeEndedByTheirValues) {
  Response response;
  response.headers = {{"X-A", "b\r\nSet-Cookie: c"}};
  EXPECT_THAT(SerializeHead(response),
              AllOf(HasSubstr("X-A: bSet-Cookie: c\r\n"), Not(HasSubstr("\nSet-Cookie"))));
}

}  // namespace
}  // namespace darkroom::server::http
