#include "cli/grid/job_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/rpc_status.h"
#include "common/mutex.h"
#include "common/sha256.h"
#include "google/rpc/error_details.pb.h"

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// A stream with these events; one without a last event hangs until it is cancelled.
class ListReader final : public EventReader {
 public:
  explicit ListReader(std::vector<v1::JobEvent> events) : events_(std::move(events)) {}

  bool Read(v1::JobEvent& event) override {
    if (next_ < events_.size()) {
      event = events_[next_++];
      return true;
    }
    if (!events_.back().has_finished()) cancelled_.WaitForNotification();
    return false;
  }
  std::string trace_id() const override { return ""; }
  absl::Status Finish() override { return absl::OkStatus(); }
  void Cancel() override { cancelled_.Notify(); }

 private:
  const std::vector<v1::JobEvent> events_;
  std::size_t next_ = 0;
  Notification cancelled_;
};

// A server whose jobs end as their prompts say: "fails", "hangs", anything else succeeds with the
// prompt as its picture's bytes.
class PromptServer final : public JobApi {
 public:
  std::unique_ptr<EventReader> Generate(const v1::GenerateImageRequest&, absl::Time) override {
    return nullptr;
  }
  std::unique_ptr<EventReader> Watch(const v1::WatchJobRequest& request, absl::Time) override {
    MutexLock lock(&mutex_);
    return std::make_unique<ListReader>(Events(request.name(), prompts_[request.name()]));
  }
  absl::StatusOr<v1::Job> Create(const v1::CreateJobRequest& request) override {
    MutexLock lock(&mutex_);
    created_.push_back(request.request_id());
    absl::Status answer;
    if (!answers_.empty()) {
      answer = answers_.front();
      answers_.pop_front();
    }
    if (absl::IsInvalidArgument(answer) || absl::IsResourceExhausted(answer)) return answer;
    v1::Job job;
    job.set_name(absl::StrCat("jobs/", request.request_id()));
    job.set_state(v1::JOB_STATE_QUEUED);
    prompts_[job.name()] = request.parameters().prompt();
    if (!answer.ok()) return answer;  // the answer is lost, the job is not
    return job;
  }
  absl::StatusOr<v1::Job> Get(absl::string_view) override { return v1::Job(); }
  absl::StatusOr<v1::ListJobsResponse> List(const v1::ListJobsRequest&) override {
    return v1::ListJobsResponse();
  }
  absl::StatusOr<v1::Job> Cancel(absl::string_view name) override {
    MutexLock lock(&mutex_);
    cancelled_.emplace_back(name);
    v1::Job job;
    job.set_state(v1::JOB_STATE_CANCELLED);
    return job;
  }

  // Of the next calls of Create.
  void Answer(std::deque<absl::Status> answers) {
    MutexLock lock(&mutex_);
    answers_ = std::move(answers);
  }
  std::vector<std::string> created() {
    MutexLock lock(&mutex_);
    return created_;
  }
  std::vector<std::string> cancelled() {
    MutexLock lock(&mutex_);
    return cancelled_;
  }

 private:
  static std::vector<v1::JobEvent> Events(const std::string& name, const std::string& prompt) {
    std::vector<v1::JobEvent> events;
    const auto add = [&]() -> v1::JobEvent& {
      v1::JobEvent& event = events.emplace_back();
      event.set_job(name);
      event.set_sequence(static_cast<std::int64_t>(events.size()));
      return event;
    };
    add().mutable_progress()->set_step(1);
    events.back().mutable_progress()->set_steps(2);
    if (prompt == "hangs") return events;
    v1::Job job;
    job.set_name(name);
    job.set_state(v1::JOB_STATE_SUCCEEDED);
    if (prompt == "fails") {
      job.set_state(v1::JOB_STATE_FAILED);
      job.mutable_error()->set_code(static_cast<int>(absl::StatusCode::kInternal));
      job.mutable_error()->set_message("not finite");
    } else {
      v1::ImageChunk& chunk = *add().mutable_image_chunk();
      chunk.mutable_image()->set_size_bytes(static_cast<std::int64_t>(prompt.size()));
      chunk.mutable_image()->set_sha256(Sha256Hex(prompt));
      chunk.set_data(prompt);
      chunk.set_last(true);
    }
    *add().mutable_finished()->mutable_job() = job;
    return events;
  }

  Mutex mutex_;
  std::map<std::string, std::string> prompts_ ABSL_GUARDED_BY(mutex_);  // by job
  std::deque<absl::Status> answers_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> created_ ABSL_GUARDED_BY(mutex_);  // request ids
  std::vector<std::string> cancelled_ ABSL_GUARDED_BY(mutex_);
};

absl::Status Full() {
  google::rpc::Status status;
  status.set_code(static_cast<int>(absl::StatusCode::kResourceExhausted));
  status.set_message("100 jobs are waiting");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(1'000'000);
  status.add_details()->PackFrom(retry);
  return FromRpcStatus(status);
}

class JobBatchTest : public ::testing::Test {
 protected:
  JobBatchTest() {
    policy_.room_delay = policy_.submit_delay = absl::Milliseconds(1);
    policy_.submit_attempts = 3;
    policy_.resume.first_delay = policy_.resume.longest_delay = absl::Milliseconds(1);
    policy_.watchers = 3;
  }

  // One job a prompt; request ids "r0", "r1", …
  absl::StatusOr<std::vector<BatchResult>> Run(const std::vector<std::string>& prompts) {
    std::vector<v1::CreateJobRequest> requests;
    for (const std::string& prompt : prompts) {
      v1::CreateJobRequest& request = requests.emplace_back();
      request.set_request_id(absl::StrCat("r", requests.size() - 1));
      request.mutable_parameters()->set_prompt(prompt);
    }
    JobBatch batch(server_, policy_, stop_.get_token(), [this](const BatchProgress& progress) {
      progress_.push_back(progress);
      if (on_progress_) on_progress_(progress);
    });
    auto results = batch.Run(requests);
    refused_ = batch.refused();
    cancelled_ = batch.cancelled();
    return results;
  }

  PromptServer server_;
  BatchPolicy policy_;
  std::stop_source stop_;
  std::vector<BatchProgress> progress_;
  std::function<void(const BatchProgress&)> on_progress_;
  std::size_t refused_ = 0;
  int cancelled_ = 0;
};

TEST_F(JobBatchTest, GivesEveryRequestItsPictureInOrder) {
  const auto results = Run({"a", "b", "c", "d", "e", "f", "g"});
  ASSERT_TRUE(results.ok()) << results.status();
  std::string pictures;
  for (const BatchResult& result : *results) {
    EXPECT_TRUE(result.status.ok()) << result.status;
    pictures += result.picture.bytes;
  }
  EXPECT_EQ(pictures, "abcdefg");
  EXPECT_EQ(progress_.back().ended, 7);
  EXPECT_NEAR(progress_.back().fraction, 1, 1e-9);
}

TEST_F(JobBatchTest, GoesOnWhenAJobFails) {
  const auto results = Run({"a", "fails", "c"});
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ((*results)[0].picture.bytes, "a");
  EXPECT_EQ((*results)[1].status.message(), "not finite");
  EXPECT_EQ((*results)[1].job.name(), "jobs/r1");
  EXPECT_EQ((*results)[2].picture.bytes, "c");
}

TEST_F(JobBatchTest, WaitsForRoomAndSendsTheRest) {
  server_.Answer({absl::OkStatus(), Full(), Full()});
  const auto results = Run({"a", "b", "c"});
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_THAT(server_.created(), ElementsAre("r0", "r1", "r1", "r1", "r2"));
  EXPECT_THAT(progress_,
              ::testing::Contains(::testing::Field(&BatchProgress::waiting_for_room, true)));
  EXPECT_FALSE(progress_.back().waiting_for_room);
}

TEST_F(JobBatchTest, DoesNotWaitForRoomThatNobodyPromises) {
  server_.Answer({absl::ResourceExhaustedError("too many")});
  EXPECT_TRUE(absl::IsResourceExhausted(Run({"a", "b"}).status()));
  EXPECT_THAT(server_.created(), SizeIs(1));
}

TEST_F(JobBatchTest, SendsAgainUnderTheSameIdWhenTheAnswerIsLost) {
  server_.Answer({absl::UnavailableError("reset")});
  EXPECT_TRUE(Run({"a", "b"}).ok());
  EXPECT_THAT(server_.created(), ElementsAre("r0", "r0", "r1"));
  EXPECT_TRUE(progress_.front().reconnecting);
  EXPECT_FALSE(progress_.back().reconnecting);
}

TEST_F(JobBatchTest, GivesUpOnAServerThatStaysAway) {
  server_.Answer(std::deque<absl::Status>(3, absl::UnavailableError("reset")));
  EXPECT_TRUE(absl::IsUnavailable(Run({"a", "b"}).status()));
  EXPECT_THAT(server_.created(), SizeIs(4))
      << "the fourth asks for the job that is to be cancelled";
  EXPECT_THAT(server_.cancelled(), ElementsAre("jobs/r0"));
}

TEST_F(JobBatchTest, CancelsTheOthersWhenOneIsRefused) {
  server_.Answer({absl::OkStatus(), absl::OkStatus(), absl::InvalidArgumentError("steps")});
  const auto results = Run({"hangs", "hangs", "c", "d"});
  EXPECT_TRUE(absl::IsInvalidArgument(results.status()));
  EXPECT_EQ(refused_, 2u);
  EXPECT_THAT(server_.cancelled(), ElementsAre("jobs/r0", "jobs/r1"));
  EXPECT_THAT(server_.created(), SizeIs(3)) << "the refused one is not sent again";
}

TEST_F(JobBatchTest, CancelsWhatHasNotEndedWhenInterrupted) {
  on_progress_ = [this](const BatchProgress& progress) {
    if (progress.submitted == 3 && progress.ended == 1) stop_.request_stop();
  };
  EXPECT_TRUE(absl::IsCancelled(Run({"a", "hangs", "hangs"}).status()));
  EXPECT_THAT(server_.cancelled(), ElementsAre("jobs/r1", "jobs/r2"));
  EXPECT_EQ(cancelled_, 2);
}

TEST_F(JobBatchTest, StopsWhileItWaitsForRoom) {
  policy_.room_delay = absl::Hours(1);
  server_.Answer({absl::OkStatus(), absl::ResourceExhaustedError("full")});
  on_progress_ = [this](const BatchProgress& progress) {
    if (progress.waiting_for_room) stop_.request_stop();
  };
  EXPECT_TRUE(absl::IsCancelled(Run({"hangs", "b"}).status()));
  EXPECT_THAT(server_.cancelled(), ElementsAre("jobs/r0"));
}

}  // namespace
}  // namespace darkroom::cli
