#include "server/core/job_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "darkroom/internal/v1/job_record.pb.h"
#include "google/rpc/error_details.pb.h"
#include "server/core/api_error.h"
#include "server/core/event_view.h"
#include "server/testing/event_order.h"
#include "server/testing/flaky_store.h"
#include "server/testing/manual_loop.h"
#include "server/testing/puppet_worker.h"

namespace darkroom::server {
namespace {

using darkroom::v1::JobEvent;

// A reader that takes events when the test lets it.
class PuppetSink : public EventSink {
 public:
  void Send(const JobEvent& event) override {
    EXPECT_FALSE(sending) << "one event at a time";
    EXPECT_FALSE(ended());
    sending = true;
    events.push_back(event);
  }
  void Close(const absl::Status& status) override {
    EXPECT_FALSE(sending);
    EXPECT_FALSE(ended());
    closed = status;
  }
  void Abort(const absl::Status& status) override {
    EXPECT_TRUE(sending);
    EXPECT_FALSE(ended());
    aborted = status;
  }
  bool ended() const { return closed.has_value() || aborted.has_value(); }

  std::vector<JobEvent> events;
  std::optional<absl::Status> closed;
  std::optional<absl::Status> aborted;
  bool sending = false;
};

// A store to which a later version's worker reports: its progress is something else.
class NewerStore : public FlakyStore {
 public:
  using FlakyStore::FlakyStore;
  void Read(absl::string_view id, std::int64_t after, int limit,
            Callback<std::vector<scheduler::JobEvent>> done) override {
    FlakyStore::Read(id, after, limit, [done = std::move(done)](auto events) mutable {
      for (scheduler::JobEvent& event : *events) {
        if (std::holds_alternative<scheduler::ProgressEvent>(event.body)) {
          event.body = scheduler::UnknownEvent{};
        }
      }
      done(std::move(events));
    });
  }
};

class JobWatchTest : public testing::Test {
 protected:
  JobWatchTest() {
    worker_.Announce();
    catalogue_->Start();
    promises_->Start();
    darkroom::internal::v1::JobSpec spec;
    spec.set_version(1);
    spec.mutable_parameters()->set_prompt("a red apple");
    spec.mutable_parameters()->set_seed(40);
    scheduler::Submission submission;
    submission.id = std::string(32, 'a');
    submission.tenant = "alice";
    submission.model = "demo";
    submission.spec = spec.SerializeAsString();
    submission.cost = absl::Seconds(2);
    submission.max_queued = 100;
    Submit(submission, 'a');
    submission_ = submission;
    loop_.RunReady();
  }
  ~JobWatchTest() override {
    if (watch_ != nullptr) watch_->Stop();
  }

  void Submit(scheduler::Submission submission, char digit) {
    submission.id = std::string(32, digit);
    scheduler_.Submit(submission, [](const auto& outcome) { ASSERT_TRUE(outcome.ok()); });
  }

  void Start(std::int64_t after = 0, char digit = 'a') { Start(store_, after, digit); }
  void Start(FlakyStore& store, std::int64_t after, char digit = 'a') {
    std::optional<scheduler::JobSnapshot> job;
    scheduler_.Get("alice", std::string(32, digit), [&](auto found) { job = *std::move(found); });
    const CoreContext context{loop_, store.ports(), catalogue_, images_, promises_};
    watch_ = std::make_shared<JobWatch>(context, sink_, *job);
    watch_->Start(after);
    loop_.RunReady();
  }

  // The reader takes the event that is being sent.
  void Take() {
    ASSERT_TRUE(sink_.sending);
    sink_.sending = false;
    watch_->OnSent();
    loop_.RunReady();
  }
  // The reader takes everything that there is now.
  void TakeAll() {
    loop_.RunReady();
    while (sink_.sending) Take();
  }

  void ExpectGapFree(std::int64_t after) {
    std::int64_t previous = after;
    for (const JobEvent& event : sink_.events) {
      EXPECT_TRUE(Follows(previous, event)) << event.sequence() << " after " << previous;
      previous = event.sequence();
    }
  }

  std::string ResumeToken(const absl::Status& status) {
    google::rpc::ErrorInfo info;
    ToRpcStatus(status).details(0).UnpackTo(&info);
    return info.metadata().at("last_sequence");
  }

  ManualLoop loop_;
  scheduler::InMemoryScheduler scheduler_{&loop_.clock()};
  FlakyStore store_{scheduler_, loop_.clock()};
  NewerStore newer_store_{scheduler_, loop_.clock()};
  PuppetWorker worker_{scheduler_};
  std::shared_ptr<ModelCatalogue> catalogue_ =
      std::make_shared<ModelCatalogue>(loop_, store_, "demo");
  std::shared_ptr<ImageReader> images_ = std::make_shared<ImageReader>(loop_, store_);
  std::shared_ptr<WaitPromises> promises_ =
      std::make_shared<WaitPromises>(loop_, store_.ports().promises, catalogue_,
                                     std::make_shared<FleetWatch>(loop_, store_, catalogue_));
  scheduler::Submission submission_;
  PuppetSink sink_;
  std::shared_ptr<JobWatch> watch_;
};

TEST_F(JobWatchTest, EventsComeAsTheyHappen) {
  Start();
  TakeAll();
  ASSERT_EQ(sink_.events.size(), 2u);
  EXPECT_EQ(sink_.events[0].accepted().job().parameters().prompt(), "a red apple");
  EXPECT_EQ(sink_.events[1].queued().position(), 0);
  EXPECT_EQ(sink_.events[1].queued().estimated_wait().seconds(), 0);
  ASSERT_TRUE(worker_.Lease());
  worker_.Progress(3);
  TakeAll();
  ASSERT_EQ(sink_.events.size(), 4u);
  EXPECT_EQ(sink_.events[2].started().attempt(), 1);
  EXPECT_EQ(sink_.events[3].progress().step(), 3);
  worker_.Image(0, "picture");
  worker_.Succeed();
  TakeAll();
  EXPECT_TRUE(sink_.events.back().has_finished());
  EXPECT_TRUE(watch_->finished());
  EXPECT_EQ(sink_.closed, absl::OkStatus());
  ExpectGapFree(0);
}

TEST_F(JobWatchTest, EventsOfALaterVersionArePassedOverAndCounted) {
  Start(newer_store_, 0);
  ASSERT_TRUE(worker_.Lease());
  worker_.Progress(1);
  worker_.Progress(2);
  worker_.Image(0, "picture");
  worker_.Succeed();
  TakeAll();
  ASSERT_EQ(sink_.events.size(), 5u);
  EXPECT_TRUE(sink_.events[2].has_started());
  EXPECT_TRUE(sink_.events[3].has_image_chunk());
  EXPECT_EQ(sink_.events[3].superseded(), 2);
  EXPECT_TRUE(sink_.events[4].has_finished());
  EXPECT_EQ(sink_.closed, absl::OkStatus());
  ExpectGapFree(0);
}

TEST_F(JobWatchTest, AResultOfALaterVersionSendsTheReaderToAnotherGateway) {
  Start();
  ASSERT_TRUE(worker_.Lease());
  darkroom::internal::v1::JobResult result;
  result.set_version(scheduler::kJobResultVersion + 1);
  worker_.Finish(scheduler::Succeeded{.result = result.SerializeAsString()});
  TakeAll();
  EXPECT_EQ(sink_.events.size(), 3u);
  ASSERT_TRUE(sink_.closed.has_value());
  EXPECT_TRUE(absl::IsUnavailable(*sink_.closed)) << *sink_.closed;
  EXPECT_FALSE(watch_->finished());
}

TEST_F(JobWatchTest, LostHintsCostTwoSecondsAtMost) {
  Start();
  TakeAll();
  store_.Become(FlakyStore::Mode::kRefuses);  // hints are lost too
  ASSERT_TRUE(worker_.Lease());
  loop_.RunReady();
  store_.Become(FlakyStore::Mode::kUp);
  EXPECT_EQ(sink_.events.size(), 2u);
  loop_.Advance(JobWatch::kReread);
  TakeAll();
  ASSERT_EQ(sink_.events.size(), 3u);
  EXPECT_TRUE(sink_.events[2].has_started());
}

TEST_F(JobWatchTest, SlowReaderGetsTheNewestProgressAndEveryImage) {
  Start();
  ASSERT_TRUE(worker_.Lease());
  for (int step = 1; step <= 20; ++step) {
    worker_.Progress(step);
    worker_.Preview(step, "preview of step " + std::to_string(step));
    loop_.RunReady();
  }
  worker_.Image(0, "first");
  worker_.Image(1, "second");
  worker_.Succeed(2);
  TakeAll();
  ExpectGapFree(0);
  std::vector<std::string> kinds;
  for (const JobEvent& event : sink_.events) {
    const auto* type = JobEvent::descriptor();
    kinds.push_back(type->FindFieldByNumber(event.kind_case())->name());
  }
  EXPECT_THAT(kinds, testing::ElementsAre("accepted", "queued", "started", "progress", "preview",
                                          "image_chunk", "image_chunk", "finished"));
  EXPECT_EQ(sink_.events[3].progress().step(), 20);
  EXPECT_EQ(sink_.events[3].superseded(), 38);
  EXPECT_EQ(sink_.events[4].preview().data(), "preview of step 20");
  EXPECT_EQ(sink_.events[5].image_chunk().image().seed(), 40);
  EXPECT_EQ(sink_.events[6].image_chunk().image().seed(), 41);
}

TEST_F(JobWatchTest, StuckReaderIsCutAfterThirtySeconds) {
  Start();
  ASSERT_TRUE(sink_.sending);
  loop_.Advance(absl::Seconds(30) - JobWatch::kTick);
  EXPECT_FALSE(sink_.ended());
  loop_.Advance(JobWatch::kTick);
  ASSERT_TRUE(sink_.aborted.has_value());
  EXPECT_TRUE(absl::IsUnavailable(*sink_.aborted));
  EXPECT_EQ(ResumeToken(*sink_.aborted), "0");
  EXPECT_TRUE(watch_->closed());
}

TEST_F(JobWatchTest, ImagesComeInChunksOfOneSequence) {
  const std::string bytes =
      std::string(kMaxChunkBytes, 'a') + std::string(kMaxChunkBytes, 'b') + "the rest";
  ASSERT_TRUE(worker_.Lease());
  worker_.Image(0, bytes);
  worker_.Succeed();
  Start(3);
  TakeAll();
  ASSERT_EQ(sink_.events.size(), 4u);
  std::string received;
  for (int i = 0; i < 3; ++i) {
    const auto& chunk = sink_.events[i].image_chunk();
    EXPECT_EQ(sink_.events[i].sequence(), 4);
    EXPECT_EQ(chunk.offset(), static_cast<std::int64_t>(received.size()));
    EXPECT_EQ(chunk.last(), i == 2);
    EXPECT_LE(chunk.data().size(), kMaxChunkBytes);
    EXPECT_EQ(chunk.image().size_bytes(), static_cast<std::int64_t>(bytes.size()));
    received += chunk.data();
  }
  EXPECT_EQ(received, bytes);
  ExpectGapFree(3);
}

TEST_F(JobWatchTest, ReaderThatLeavesAmidChunksResumesBeforeTheImage) {
  ASSERT_TRUE(worker_.Lease());
  worker_.Image(0, std::string(2 * kMaxChunkBytes, 'a'));
  Start(3);
  Take();
  ASSERT_TRUE(sink_.sending) << "the second chunk";
  watch_->Drain();
  EXPECT_FALSE(sink_.ended()) << "not while it is being sent";
  EXPECT_EQ(sink_.events.size(), 2u);
  Take();
  ASSERT_TRUE(sink_.closed.has_value());
  EXPECT_TRUE(absl::IsUnavailable(*sink_.closed));
  EXPECT_EQ(ResumeToken(*sink_.closed), "4");
}

TEST_F(JobWatchTest, DrainBetweenChunksTellsTheSequenceBeforeTheImage) {
  ASSERT_TRUE(worker_.Lease());
  worker_.Image(0, std::string(3 * kMaxChunkBytes, 'a'));
  Start(3);
  watch_->Drain();
  Take();
  ASSERT_TRUE(sink_.closed.has_value());
  EXPECT_EQ(ResumeToken(*sink_.closed), "3");
}

TEST_F(JobWatchTest, ForgottenBeginningIsReplacedByASnapshot) {
  ASSERT_TRUE(worker_.Lease());
  for (int i = 0; i < scheduler::EventBus::kHistory + 50; ++i) worker_.Preview(i, "x");
  worker_.Succeed();
  Start();
  TakeAll();
  ASSERT_GE(sink_.events.size(), 2u);
  EXPECT_TRUE(sink_.events[0].has_accepted());
  EXPECT_GT(sink_.events[0].superseded(), 0);
  EXPECT_EQ(sink_.events[0].accepted().job().parameters().prompt(), "a red apple");
  EXPECT_TRUE(sink_.events.back().has_finished());
  ExpectGapFree(0);
}

TEST_F(JobWatchTest, PlaceInTheQueueIsRefreshed) {
  Submit(submission_, 'b');
  Start(0, 'b');
  TakeAll();
  ASSERT_EQ(sink_.events.size(), 2u);
  EXPECT_EQ(sink_.events[1].queued().position(), 1);
  EXPECT_EQ(sink_.events[1].queued().estimated_wait().seconds(), 2);
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(sink_.events.size(), 2u) << "nothing has changed";
  ASSERT_TRUE(worker_.Lease());
  loop_.Advance(JobWatch::kRefreshQueued + JobWatch::kTick);
  TakeAll();
  ASSERT_EQ(sink_.events.size(), 3u);
  EXPECT_EQ(sink_.events[2].queued().position(), 0);
  EXPECT_EQ(sink_.events[2].sequence(), 2) << "the same event, refreshed";
  ExpectGapFree(0);
}

TEST_F(JobWatchTest, AWaitIsToldAgainWhenItIsOffByMoreThanTheTimeThatPasses) {
  submission_.cost = absl::Seconds(40);
  Submit(submission_, 'b');
  Submit(submission_, 'c');
  Start(0, 'c');
  TakeAll();
  ASSERT_EQ(sink_.events.size(), 2u);
  const absl::Duration first = absl::Seconds(54);  // 2 jobs ahead, 82 s of 3
  EXPECT_EQ(sink_.events[1].queued().estimated_wait().seconds(), absl::ToInt64Seconds(first));
  loop_.Advance(absl::Seconds(3));
  EXPECT_EQ(sink_.events.size(), 2u) << "within a tenth";
  loop_.Advance(absl::Seconds(4));  // and no job has ended
  TakeAll();
  ASSERT_EQ(sink_.events.size(), 3u);
  EXPECT_EQ(sink_.events[2].queued().position(), 2);
  EXPECT_EQ(sink_.events[2].queued().estimated_wait().seconds(), absl::ToInt64Seconds(first));
  ExpectGapFree(0);
}

TEST_F(JobWatchTest, PromisesAreCountedWhenTheJobIsTaken) {
  Submit(submission_, 'b');
  Start(0, 'b');  // promised 2 s
  TakeAll();
  ASSERT_TRUE(worker_.Lease());
  loop_.Advance(absl::Seconds(4));
  TakeAll();
  ASSERT_TRUE(worker_.Lease());
  TakeAll();
  loop_.Advance(WaitPromises::kFlush);
  const scheduler::PromiseErrors counted = store_.promises();
  ASSERT_EQ(counted.size(), 1u);
  const scheduler::TierErrors& errors = counted.at("standard");
  EXPECT_EQ(errors.first.total(), 1);
  EXPECT_EQ(errors.newest.total(), 1);
  EXPECT_DOUBLE_EQ(errors.first.Quantile(1), 0.5) << "2 s for 4";
}

class LostStoreTest : public JobWatchTest, public testing::WithParamInterface<FlakyStore::Mode> {};

TEST_P(LostStoreTest, StreamIsSilentWhileTheStoreIsAwayAndGoesOnAfterwards) {
  Start();
  TakeAll();
  store_.Become(GetParam());
  ASSERT_TRUE(worker_.Lease());
  worker_.Image(0, "picture");
  loop_.Advance(absl::Minutes(2));
  EXPECT_FALSE(sink_.ended());
  EXPECT_FALSE(sink_.sending);
  store_.Become(FlakyStore::Mode::kUp);
  loop_.Advance(2 * JobWatch::kReread);
  TakeAll();
  EXPECT_TRUE(sink_.events.back().has_image_chunk());
  ExpectGapFree(0);
}

INSTANTIATE_TEST_SUITE_P(Modes, LostStoreTest,
                         testing::Values(FlakyStore::Mode::kRefuses, FlakyStore::Mode::kSilent),
                         [](const auto& info) {
                           return info.param == FlakyStore::Mode::kSilent ? "Silent" : "Refuses";
                         });

TEST_F(JobWatchTest, StoreThatStaysAwayEndsTheStreamWithAResumeToken) {
  Start();
  TakeAll();
  store_.Become(FlakyStore::Mode::kRefuses);
  loop_.Advance(JobWatch::kPatience + absl::Seconds(5));
  ASSERT_TRUE(sink_.closed.has_value());
  EXPECT_TRUE(absl::IsUnavailable(*sink_.closed));
  EXPECT_EQ(ResumeToken(*sink_.closed), "2");
}

TEST_F(JobWatchTest, ImageThatIsNotKeptIsLeftOut) {
  ASSERT_TRUE(worker_.Lease());
  scheduler_.Append(worker_.key(), scheduler::ImageEvent{1, worker_.key().fence},
                    [](const absl::Status&) {});  // announced, never stored
  worker_.Image(0, "picture");
  worker_.Succeed();
  Start(3);
  TakeAll();
  ASSERT_EQ(sink_.events.size(), 2u);
  EXPECT_EQ(sink_.events[0].superseded(), 1);
  EXPECT_EQ(sink_.events[0].image_chunk().data(), "picture");
  ExpectGapFree(3);
}

TEST_F(JobWatchTest, StoppedWatchNeverCallsItsSinkAgain) {
  Start();
  watch_->Stop();
  const std::size_t before = sink_.events.size();
  ASSERT_TRUE(worker_.Lease());
  worker_.Succeed();
  watch_->OnSent();
  loop_.Advance(absl::Minutes(10));
  EXPECT_EQ(sink_.events.size(), before);
  EXPECT_FALSE(sink_.ended());
}

}  // namespace
}  // namespace darkroom::server
