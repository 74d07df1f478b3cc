#include "scheduler/redis/resp_codec.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

std::optional<RedisReply> Parse(const std::string& bytes) {
  ReplyParser parser;
  parser.Feed(bytes.data(), bytes.size());
  absl::StatusOr<std::optional<RedisReply>> reply = parser.Next();
  EXPECT_TRUE(reply.ok()) << reply.status();
  return reply.value_or(std::nullopt);
}

TEST(RespCodecTest, EncodesArgumentsWithTheirLengthsSoThatAnyByteMayOccur) {
  const std::string bytes("\r\n\0", 3);
  EXPECT_EQ(EncodeCommand({"SET", "a", bytes}),
            "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$3\r\n" + bytes + "\r\n");
}

TEST(RespCodecTest, ParsesNestedReplies) {
  const std::optional<RedisReply> reply = Parse("*3\r\n:-7\r\n$-1\r\n*1\r\n+OK\r\n");
  ASSERT_TRUE(reply.has_value());
  ASSERT_EQ(reply->elements.size(), 3u);
  EXPECT_EQ(reply->elements[0].integer, -7);
  EXPECT_EQ(reply->elements[1].kind, RedisReply::Kind::kNil);
  EXPECT_EQ(reply->elements[2].elements.at(0).text, "OK");
}

TEST(RespCodecTest, WaitsForTheRestOfAReply) {
  ReplyParser parser;
  const std::string bytes = "$5\r\nhello\r\n";
  for (char byte : bytes.substr(0, bytes.size() - 1)) {
    parser.Feed(&byte, 1);
    EXPECT_EQ(parser.Next().value(), std::nullopt);
  }
  parser.Feed("\n", 1);
  EXPECT_EQ(parser.Next().value()->text, "hello");
}

TEST(RespCodecTest, RefusesWhatIsNotRedis) {
  ReplyParser parser;
  const std::string bytes = "HTTP/1.1 400 Bad Request\r\n";
  parser.Feed(bytes.data(), bytes.size());
  EXPECT_EQ(parser.Next().status().code(), absl::StatusCode::kDataLoss);
}

TEST(RespCodecTest, ErrorsSayWhatACallerCanDo) {
  EXPECT_EQ(StatusOfError("OOM command not allowed").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(StatusOfError("MISCONF Errors writing").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(StatusOfError("LOADING Redis is loading").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(StatusOfError("ERR unknown command").code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace darkroom::scheduler
