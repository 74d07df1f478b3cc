#include "scheduler/redis/event_codec.h"

#include <string>
#include <variant>
#include <vector>

#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

RedisReply Text(const std::string& text) {
  RedisReply reply;
  reply.kind = RedisReply::Kind::kText;
  reply.text = text;
  return reply;
}

RedisReply Array(std::vector<RedisReply> elements) {
  RedisReply reply;
  reply.kind = RedisReply::Kind::kArray;
  reply.elements = std::move(elements);
  return reply;
}

// The stream entry that append_event.lua makes of what EncodeEvent gives it.
RedisReply Entry(const std::string& id, const std::vector<std::string>& words) {
  std::vector<RedisReply> fields = {Text("time"), Text("1700000000000001"), Text("kind")};
  for (const std::string& word : words) fields.push_back(Text(word));
  return Array({Text(id), Array(std::move(fields))});
}

TEST(EventCodecTest, ReadsBackWhatAWorkerReports) {
  const absl::StatusOr<JobEvent> event = DecodeEvent(Entry(
      "3-0",
      EncodeEvent(ProgressEvent{.step = 4, .steps = 20, .time_left = absl::Milliseconds(1500)})));
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->sequence, 3);
  EXPECT_EQ(event->time, absl::FromUnixMicros(1'700'000'000'000'001));
  const auto& progress = std::get<ProgressEvent>(event->body);
  EXPECT_EQ(progress.step, 4);
  EXPECT_EQ(progress.steps, 20);
  EXPECT_EQ(progress.time_left, absl::Milliseconds(1500));
}

TEST(EventCodecTest, AnUnknownTimeLeftStaysUnknown) {
  const absl::StatusOr<JobEvent> event = DecodeEvent(Entry(
      "3-0",
      EncodeEvent(ProgressEvent{.step = 0, .steps = 20, .time_left = absl::InfiniteDuration()})));
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(std::get<ProgressEvent>(event->body).time_left, absl::InfiniteDuration());
}

TEST(EventCodecTest, ImagesKeepTheFenceTheyWereStoredUnder) {
  const absl::StatusOr<JobEvent> event =
      DecodeEvent(Entry("9-0", EncodeEvent(ImageEvent{.image = 2, .fence = 5})));
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(std::get<ImageEvent>(event->body).image, 2);
  EXPECT_EQ(std::get<ImageEvent>(event->body).fence, 5);
}

TEST(EventCodecTest, FieldsThatAreNotKnownArePassedOver) {
  const absl::StatusOr<JobEvent> event =
      DecodeEvent(Entry("4-0", {"started", "attempt", "2", "mood", "good", "version", "1"}));
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(std::get<StartedEvent>(event->body).attempt, 2);
}

TEST(EventCodecTest, OfALaterVersionOnlyTheEndIsUnderstood) {
  for (const char* kind : {"started", "surprise"}) {
    const absl::StatusOr<JobEvent> event = DecodeEvent(Entry("4-0", {kind, "version", "2"}));
    ASSERT_TRUE(event.ok()) << event.status();
    EXPECT_EQ(event->sequence, 4);
    EXPECT_TRUE(std::holds_alternative<UnknownEvent>(event->body)) << kind;
  }
  const absl::StatusOr<JobEvent> end =
      DecodeEvent(Entry("5-0", {"finished", "state", "FAILED", "version", "2"}));
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(std::get<FinishedEvent>(end->body).state, JobState::kFailed);
}

TEST(EventCodecTest, RefusesEntriesThatAreNotOurs) {
  for (const RedisReply& entry :
       {Entry("3-1", {"accepted"}), Entry("3-0", {"surprise"}), Entry("3-0", {"started"}),
        Entry("3-0", {"finished", "state", "DONE"}), Text("3-0"),
        Entry("3-0", {"accepted", "version", "one"})}) {
    EXPECT_EQ(DecodeEvent(entry).status().code(), absl::StatusCode::kDataLoss);
  }
}

}  // namespace
}  // namespace darkroom::scheduler
