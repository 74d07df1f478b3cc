#include "cli/job_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/mutex.h"

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;

v1::JobEvent Event(std::int64_t sequence) {
  v1::JobEvent event;
  event.set_job("jobs/1");
  event.set_sequence(sequence);
  event.mutable_progress();
  return event;
}

v1::JobEvent Last(std::int64_t sequence) {
  v1::JobEvent event = Event(sequence);
  event.mutable_finished();
  return event;
}

v1::JobEvent PictureChunk(std::int64_t sequence, std::int64_t offset, bool last) {
  v1::JobEvent event = Event(sequence);
  event.mutable_image_chunk()->set_offset(offset);
  event.mutable_image_chunk()->set_last(last);
  return event;
}

// What one stream gives, and how it ends.
struct Script {
  std::vector<v1::JobEvent> events;
  absl::Status end;
  bool hangs = false;  // until it is cancelled, after the events
  std::string trace_id = {};
};

class ScriptedReader final : public EventReader {
 public:
  explicit ScriptedReader(Script script) : script_(std::move(script)) {}

  bool Read(v1::JobEvent& event) override {
    if (next_ == script_.events.size()) {
      if (script_.hangs) cancelled_.WaitForNotification();
      return false;
    }
    event = script_.events[next_++];
    return true;
  }
  std::string trace_id() const override { return script_.trace_id; }
  absl::Status Finish() override { return script_.end; }
  void Cancel() override { cancelled_.Notify(); }

 private:
  Script script_;
  std::size_t next_ = 0;
  Notification cancelled_;
};

// Plays the scripts in order and notes how each stream was asked for. Past the last script, every
// stream is UNAVAILABLE.
class ScriptedApi final : public JobApi {
 public:
  std::unique_ptr<EventReader> Generate(const v1::GenerateImageRequest& request,
                                        absl::Time) override {
    calls.push_back("generate " + request.request_id());
    return Next();
  }
  std::unique_ptr<EventReader> Watch(const v1::WatchJobRequest& request, absl::Time) override {
    calls.push_back("watch " + request.name() + " after " +
                    std::to_string(request.after_sequence()));
    return Next();
  }
  absl::StatusOr<v1::Job> Create(const v1::CreateJobRequest&) override { return v1::Job(); }
  absl::StatusOr<v1::Job> Get(absl::string_view) override { return v1::Job(); }
  absl::StatusOr<v1::ListJobsResponse> List(const v1::ListJobsRequest&) override {
    return v1::ListJobsResponse();
  }
  absl::StatusOr<v1::Job> Cancel(absl::string_view) override { return v1::Job(); }

  std::deque<Script> scripts;
  std::vector<std::string> calls;

 private:
  std::unique_ptr<EventReader> Next() {
    Script script{{}, absl::UnavailableError("nobody there")};
    if (!scripts.empty()) {
      script = std::move(scripts.front());
      scripts.pop_front();
    }
    return std::make_unique<ScriptedReader>(std::move(script));
  }
};

class JobStreamTest : public ::testing::Test {
 protected:
  JobStreamTest() {
    policy_.first_delay = absl::Milliseconds(1);
    policy_.longest_delay = absl::Milliseconds(2);
    policy_.submit_patience = absl::Milliseconds(20);
    policy_.watch_patience = absl::Milliseconds(50);
    request_.set_request_id("r");
  }

  absl::Status Generate(absl::Time deadline = absl::InfiniteFuture()) {
    JobStream stream(api_, policy_, stop_.get_token());
    return stream.Generate(request_, deadline, [this](const v1::JobEvent& event) {
      sequences_.push_back(event.sequence());
      return absl::OkStatus();
    });
  }

  ScriptedApi api_;
  ResumePolicy policy_;
  std::stop_source stop_;
  v1::GenerateImageRequest request_;
  std::vector<std::int64_t> sequences_;
};

const absl::Status kBroken = absl::UnavailableError("connection reset");

TEST_F(JobStreamTest, HandsOverEveryEventUpToTheLast) {
  api_.scripts = {{{Event(1), Event(2), Last(3)}, absl::OkStatus()}};
  EXPECT_TRUE(Generate().ok());
  EXPECT_THAT(sequences_, ElementsAre(1, 2, 3));
  EXPECT_THAT(api_.calls, ElementsAre("generate r"));
}

TEST_F(JobStreamTest, GoesOnAfterTheLastEventWhenTheConnectionBreaks) {
  api_.scripts = {{{Event(1), Event(2)}, kBroken},
                  {{}, kBroken},
                  {{Event(3)}, kBroken},
                  {{Last(4)}, absl::OkStatus()}};
  EXPECT_TRUE(Generate().ok());
  EXPECT_THAT(sequences_, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(api_.calls, ElementsAre("generate r", "watch jobs/1 after 2", "watch jobs/1 after 2",
                                      "watch jobs/1 after 3"));
}

TEST_F(JobStreamTest, AsksAgainForAnImageThatCameInPart) {
  api_.scripts = {
      {{Event(1), PictureChunk(2, 0, false)}, kBroken},
      {{PictureChunk(2, 0, false), PictureChunk(2, 9, true), Last(3)}, absl::OkStatus()}};
  EXPECT_TRUE(Generate().ok());
  EXPECT_THAT(api_.calls, ElementsAre("generate r", "watch jobs/1 after 1"));
}

TEST_F(JobStreamTest, GoesOnWhenAGatewayHandsTheStreamOver) {
  api_.scripts = {{{Event(1)}, absl::OkStatus()}, {{Last(2)}, absl::OkStatus()}};
  EXPECT_TRUE(Generate().ok());
  EXPECT_THAT(sequences_, ElementsAre(1, 2));
}

TEST_F(JobStreamTest, GoesOnWhenAGatewayCancelsTheStreamAsItEnds) {
  api_.scripts = {{{Event(1)}, kBroken}, {{}, absl::CancelledError()}, {{Last(2)}, {}}};
  EXPECT_TRUE(Generate().ok());
  EXPECT_THAT(api_.calls,
              ElementsAre("generate r", "watch jobs/1 after 1", "watch jobs/1 after 1"));
}

TEST_F(JobStreamTest, SubmitsAgainUnderTheSameRequestIdUntilTheFirstEvent) {
  api_.scripts = {{{}, kBroken}, {{Event(1), Last(2)}, absl::OkStatus()}};
  EXPECT_TRUE(Generate().ok());
  EXPECT_THAT(api_.calls, ElementsAre("generate r", "generate r"));
}

TEST_F(JobStreamTest, GivesUpWhenNobodyAnswers) {
  EXPECT_TRUE(absl::IsUnavailable(Generate()));
  EXPECT_GT(api_.calls.size(), 1u);
  EXPECT_TRUE(sequences_.empty());
}

TEST_F(JobStreamTest, GivesUpWhenNoNewEventComesForLong) {
  api_.scripts = {{{Event(1)}, kBroken}};
  EXPECT_TRUE(absl::IsUnavailable(Generate()));
  EXPECT_GT(api_.calls.size(), 2u);
}

TEST_F(JobStreamTest, DoesNotRepeatARefusedRequest) {
  api_.scripts = {{{}, absl::InvalidArgumentError("steps")}};
  EXPECT_TRUE(absl::IsInvalidArgument(Generate()));
  EXPECT_EQ(api_.calls.size(), 1u);
}

TEST_F(JobStreamTest, ReportsAGapInTheEvents) {
  api_.scripts = {{{Event(1), Event(3)}, absl::OkStatus()}};
  EXPECT_TRUE(absl::IsDataLoss(Generate()));
  EXPECT_THAT(sequences_, ElementsAre(1));
}

TEST_F(JobStreamTest, ReportsAGapAcrossTwoStreams) {
  api_.scripts = {{{Event(1)}, kBroken}, {{Event(3)}, absl::OkStatus()}};
  EXPECT_TRUE(absl::IsDataLoss(Generate()));
}

TEST_F(JobStreamTest, HearsOfTheJobsEndAfterItsDeadline) {
  api_.scripts = {{{Event(1)}, absl::DeadlineExceededError("late")}, {{Last(2)}, absl::OkStatus()}};
  EXPECT_TRUE(Generate(absl::Now()).ok());
  EXPECT_THAT(api_.calls, ElementsAre("generate r", "watch jobs/1 after 1"));
}

TEST_F(JobStreamTest, EndsWithADeadlineBeforeTheFirstEvent) {
  api_.scripts = {{{}, absl::DeadlineExceededError("late")}};
  EXPECT_TRUE(absl::IsDeadlineExceeded(Generate(absl::Now())));
  EXPECT_EQ(api_.calls.size(), 1u);
}

TEST_F(JobStreamTest, StopsAStreamThatHangs) {
  api_.scripts = {{{Event(1)}, absl::CancelledError("by the client"), /*hangs=*/true}};
  std::thread user([this] { stop_.request_stop(); });
  EXPECT_TRUE(absl::IsCancelled(Generate()));
  user.join();
}

TEST_F(JobStreamTest, StopsWhileItWaitsToTryAgain) {
  policy_.first_delay = policy_.longest_delay = absl::Hours(1);
  policy_.submit_patience = absl::InfiniteDuration();
  policy_.on_retry = [this](const absl::Status&, absl::Duration) { stop_.request_stop(); };
  EXPECT_TRUE(absl::IsCancelled(Generate()));
}

TEST_F(JobStreamTest, WatchesFromASequenceOn) {
  api_.scripts = {{{Event(8)}, kBroken}, {{Last(9)}, absl::OkStatus()}};
  JobStream stream(api_, policy_, stop_.get_token());
  v1::WatchJobRequest request;
  request.set_name("jobs/1");
  request.set_after_sequence(7);
  EXPECT_TRUE(stream.Watch(request, [](const v1::JobEvent&) { return absl::OkStatus(); }).ok());
  EXPECT_THAT(api_.calls, ElementsAre("watch jobs/1 after 7", "watch jobs/1 after 8"));
}

}  // namespace
}  // namespace darkroom::cli
