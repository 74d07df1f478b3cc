#include "scheduler/redis/connect.h"

#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

TEST(ConnectTest, ReadsEndpoints) {
  EXPECT_EQ(ParseEndpoint("redis.local:7000").value().host, "redis.local");
  EXPECT_EQ(ParseEndpoint("redis.local:7000").value().port, 7000);
  EXPECT_EQ(ParseEndpoint("redis.local").value().port, 6379);
  EXPECT_EQ(ParseEndpoint("[::1]:7000").value().host, "::1");
  EXPECT_EQ(ParseEndpoint("[::1]:7000").value().port, 7000);
  EXPECT_EQ(ParseEndpoint("[::1]").value().host, "::1");
}

TEST(ConnectTest, RefusesWhatIsNoEndpoint) {
  for (const char* text : {"", ":7000", "host:", "host:0", "host:70000", "host:x"}) {
    EXPECT_EQ(ParseEndpoint(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(ConnectTest, RefusesAPoolThatCannotBePartOfAKey) {
  RedisOptions options;
  options.pool = "a}b";
  EXPECT_EQ(Connect(options).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ConnectTest, SaysWhichRedisCannotBeReached) {
  RedisOptions options;
  options.endpoint.port = 1;
  options.start_timeout = absl::Milliseconds(200);
  const absl::Status status = Connect(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), "cannot reach Redis at 127.0.0.1:1");
}

}  // namespace
}  // namespace darkroom::scheduler
