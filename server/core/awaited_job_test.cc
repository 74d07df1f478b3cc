#include "server/core/awaited_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "server/core/api_error.h"
#include "server/core/services.h"
#include "server/testing/flaky_store.h"
#include "server/testing/manual_loop.h"
#include "server/testing/puppet_worker.h"

namespace darkroom::server {
namespace {

using testing::ElementsAre;

class AwaitedJobTest : public testing::Test {
 protected:
  AwaitedJobTest() {
    worker_.Announce();
    services_.Start();
    loop_.RunReady();
  }

  void Start(const std::string& prompt = "a red apple", const std::string& request_id = "") {
    NewJob job;
    job.caller.tenant = "alice";
    job.parameters.set_prompt(prompt);
    job.parameters.set_image_count(2);
    job.request_id = request_id;
    awaited_ = AwaitedJob::Start(
        loop_, services_.core, services_.streams, std::move(job),
        {[this](const darkroom::v1::JobEvent& event) { kinds_.push_back(event.kind_case()); },
         [this](absl::StatusOr<EndedJob> ended) {
           EXPECT_FALSE(ended_.has_value()) << "once";
           ended_ = std::move(ended);
         }});
  }
  // Long enough for every look at the store.
  void Settle() { loop_.Advance(JobWatch::kReread * 2); }

  ManualLoop loop_;
  scheduler::InMemoryScheduler scheduler_{&loop_.clock()};
  FlakyStore store_{scheduler_, loop_.clock()};
  PuppetWorker worker_{scheduler_};
  Services services_{loop_, store_.ports(), {"demo", {[] { return 42u; }, {}}, {}, nullptr}};
  std::shared_ptr<AwaitedJob> awaited_;
  std::vector<darkroom::v1::JobEvent::KindCase> kinds_;
  std::optional<absl::StatusOr<EndedJob>> ended_;
};

TEST_F(AwaitedJobTest, PicturesComeWithTheEndOfTheirJob) {
  Start();
  Settle();
  ASSERT_TRUE(worker_.Lease());
  worker_.Progress(3);
  const std::string large((1 << 20) + 7, 'x');
  worker_.Image(1, large);
  worker_.Image(0, "first");
  Settle();
  EXPECT_FALSE(ended_.has_value());
  worker_.Succeed(2);
  Settle();
  ASSERT_TRUE(ended_.has_value() && ended_->ok());
  const EndedJob& ended = **ended_;
  EXPECT_EQ(ended.Outcome(), absl::OkStatus());
  EXPECT_EQ(ended.job.parameters().seed(), 42);
  ASSERT_EQ(ended.pictures.size(), 2u);
  EXPECT_EQ(ended.pictures[0].bytes, "first");
  EXPECT_EQ(ended.pictures[1].bytes, large);
  using Event = darkroom::v1::JobEvent;
  EXPECT_THAT(kinds_, ElementsAre(Event::kAccepted, Event::kQueued, Event::kStarted,
                                  Event::kProgress, Event::kFinished));
}

TEST_F(AwaitedJobTest, ARefusedRequestIsToldLaterThanItsStart) {
  Start(std::string(100'000, 'a'));
  EXPECT_FALSE(ended_.has_value());
  Settle();
  ASSERT_TRUE(ended_.has_value());
  EXPECT_TRUE(absl::IsInvalidArgument(ended_->status())) << ended_->status();
}

TEST_F(AwaitedJobTest, AJobWhosePicturesAreNotKeptHasNotGoneWell) {
  Start();
  Settle();
  ASSERT_TRUE(worker_.Lease());
  worker_.Image(0, "first");
  worker_.Succeed(2);
  Settle();
  ASSERT_TRUE(ended_.has_value() && ended_->ok());
  EXPECT_TRUE(absl::IsNotFound((*ended_)->Outcome()));
}

TEST_F(AwaitedJobTest, ACancelledJobHasThePicturesMadeByThen) {
  Start();
  Settle();
  ASSERT_TRUE(worker_.Lease());
  worker_.Image(0, "first");
  worker_.Finish(scheduler::Cancelled{});
  Settle();
  ASSERT_TRUE(ended_.has_value() && ended_->ok());
  EXPECT_TRUE(absl::IsCancelled((*ended_)->Outcome()));
  ASSERT_EQ((*ended_)->pictures.size(), 1u);
  EXPECT_EQ((*ended_)->pictures[0].bytes, "first");
}

TEST_F(AwaitedJobTest, AFailureHasTheReasonThatTheWorkerGave) {
  Start();
  Settle();
  ASSERT_TRUE(worker_.Lease());
  worker_.Finish(scheduler::Failed{{"OUT_OF_MEMORY", "too large"}});
  Settle();
  ASSERT_TRUE(ended_.has_value() && ended_->ok());
  const absl::Status outcome = (*ended_)->Outcome();
  EXPECT_TRUE(absl::IsResourceExhausted(outcome));
  EXPECT_EQ(outcome.message(), "too large");
}

TEST_F(AwaitedJobTest, AClientThatLeavesCancelsItsJob) {
  Start();
  Settle();
  ASSERT_TRUE(worker_.Lease());
  awaited_->Abandon();
  awaited_->Abandon();
  Settle();
  EXPECT_TRUE(worker_.CancelRequested());
  EXPECT_FALSE(ended_.has_value());
}

TEST_F(AwaitedJobTest, AClientThatLeavesAtOnceCancelsItsJobToo) {
  Start();
  awaited_->Abandon();
  Settle();
  EXPECT_FALSE(worker_.Lease());
  EXPECT_FALSE(ended_.has_value());
}

TEST_F(AwaitedJobTest, AGatewayThatStopsLeavesTheJobToTheNextOne) {
  Start("a red apple", "mine");
  Settle();
  services_.streams.DrainAll();
  Settle();
  ASSERT_TRUE(ended_.has_value());
  EXPECT_TRUE(absl::IsUnavailable(ended_->status())) << ended_->status();
  ASSERT_TRUE(worker_.Lease());
  EXPECT_FALSE(worker_.CancelRequested());
}

}  // namespace
}  // namespace darkroom::server
