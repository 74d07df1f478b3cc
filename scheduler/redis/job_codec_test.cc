#include "scheduler/redis/job_codec.h"

#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

TEST(JobCodecTest, TimesAreWholeMicroseconds) {
  const absl::Time time = absl::FromUnixMicros(1'700'000'000'123'456);
  EXPECT_EQ(EncodeTime(time), "1700000000123456");
  EXPECT_EQ(DecodeTime("1700000000123456").value(), time);
}

TEST(JobCodecTest, ATimeThatNeverComesIsEmpty) {
  EXPECT_EQ(EncodeTime(absl::InfiniteFuture()), "");
  EXPECT_EQ(DecodeTime("").value(), absl::InfiniteFuture());
}

TEST(JobCodecTest, DurationsAreReadBack) {
  EXPECT_EQ(DecodeDuration(EncodeDuration(absl::Milliseconds(2500))).value(),
            absl::Milliseconds(2500));
}

TEST(JobCodecTest, RefusesRepliesOfAnotherShape) {
  RedisReply text;
  text.kind = RedisReply::Kind::kText;
  text.text = "OK";
  EXPECT_EQ(DecodeSnapshot(text).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeLeasedJob(text).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeInteger(text).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeTime("yesterday").status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace darkroom::scheduler
