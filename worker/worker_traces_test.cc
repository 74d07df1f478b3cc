#include "worker/worker_traces.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/metrics/registry.h"
#include "common/testing/manual_clock.h"
#include "common/trace/testing/span_list.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/worker_metrics.h"

namespace darkroom::worker {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using trace::AttributesOf;
using trace::Span;

class WorkerTracesTest : public testing::Test {
 protected:
  static JobLabels Job(bool sampled = true) {
    return {.tier = "free",
            .model = "ant",
            .id = "job-1",
            .fence = 2,
            .trace = {.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736",
                      .span_id = "00f067aa0ba902b7",
                      .sampled = sampled}};
  }
  // Everything that an observer can be told.
  void TellAll(const JobLabels& job) {
    observer_->NoteFirstLease(job, absl::Seconds(2));
    observer_->NoteBeginning(job, {.steps_done = 3, .elapsed = absl::Seconds(1)});
    observer_->NoteForward({.model = "ant",
                            .images = 5,
                            .room = 16,
                            .rows = 10,
                            .shares = {{.job = &job, .images = 2, .rows = 4, .steps = 2}},
                            .elapsed = absl::Milliseconds(500)});
    observer_->NotePicture(job, {.image = 1,
                                 .decode = absl::Milliseconds(30),
                                 .encode = absl::Milliseconds(4),
                                 .bytes = 1234});
    observer_->NoteStored(job, 1, absl::Milliseconds(7));
    observer_->NoteEnd(job, scheduler::Succeeded{}, absl::Seconds(9), absl::Milliseconds(3));
  }

  ManualClock clock_;
  metrics::Registry registry_;
  trace::SpanList list_;
  std::unique_ptr<WorkObserver> observer_ = Traced(MakeObserver(&registry_), list_, clock_);
};

TEST_F(WorkerTracesTest, EachThingDoneIsASpanUnderTheJobsOwn) {
  TellAll(Job());
  const std::vector<Span> spans = list_.spans();
  const std::pair<const char*, absl::Duration> expected[] = {
      {"queue", absl::Seconds(2)},        {"encode", absl::Seconds(1)},
      {"batch", absl::Milliseconds(500)}, {"decode", absl::Milliseconds(34)},
      {"store", absl::Milliseconds(7)},   {"finish", absl::Milliseconds(3)}};
  ASSERT_THAT(spans, SizeIs(std::size(expected)));
  for (std::size_t i = 0; i < spans.size(); ++i) {
    EXPECT_EQ(spans[i].name, expected[i].first);
    EXPECT_EQ(spans[i].end, clock_.Now());
    EXPECT_EQ(spans[i].end - spans[i].start, expected[i].second) << spans[i].name;
    EXPECT_EQ(spans[i].context.trace_id, Job().trace.trace_id);
    EXPECT_EQ(spans[i].parent, Job().trace.span_id);
    EXPECT_NE(spans[i].context.span_id, Job().trace.span_id);
    EXPECT_EQ(spans[i].error, "");
    EXPECT_THAT(AttributesOf(spans[i]),
                IsSupersetOf({Pair("darkroom.job", "job-1"), Pair("darkroom.lease", "2")}));
  }
  EXPECT_THAT(AttributesOf(spans[1]), Contains(Pair("darkroom.steps_done", "3")));
  EXPECT_THAT(AttributesOf(spans[2]),
              IsSupersetOf({Pair("darkroom.images", "2"), Pair("darkroom.rows", "4"),
                            Pair("darkroom.steps", "2"), Pair("darkroom.batch.number", "1"),
                            Pair("darkroom.batch.jobs", "1"), Pair("darkroom.batch.images", "5"),
                            Pair("darkroom.batch.rows", "10"), Pair("darkroom.batch.room", "16")}));
  EXPECT_THAT(AttributesOf(spans[3]),
              IsSupersetOf({Pair("darkroom.image", "1"), Pair("darkroom.png_bytes", "1234")}));
  EXPECT_THAT(AttributesOf(spans[5]), Contains(Pair("darkroom.outcome", "succeeded")));
}

TEST_F(WorkerTracesTest, WhatIsDecoratedIsStillTold) {
  TellAll(Job());
  observer_->NoteParting(Job(), WorkObserver::Parting::kLost);
  for (const char* line : {"darkroom_worker_wait_seconds_sum{tier=\"free\"} 2\n",
                           "darkroom_worker_forward_images_sum{model=\"ant\"} 5\n",
                           "darkroom_worker_pictures_total{model=\"ant\",tier=\"free\"} 1\n",
                           "darkroom_worker_jobs_total{outcome=\"succeeded\",tier=\"free\"} 1\n",
                           "darkroom_worker_lost_leases_total 1\n"}) {
    EXPECT_THAT(registry_.Text(), HasSubstr(line));
  }
}

TEST_F(WorkerTracesTest, AJobThatIsNotSampledHasNoSpans) {
  TellAll(Job(false));
  TellAll(JobLabels{.tier = "free", .model = "ant", .id = "job-2"});
  observer_->NoteParting(Job(false), WorkObserver::Parting::kReleased);
  EXPECT_THAT(list_.spans(), IsEmpty());
}

TEST_F(WorkerTracesTest, JobsThatShareABatchHaveASpanOfItEach) {
  const JobLabels one = Job();
  JobLabels other = Job();
  other.trace.trace_id = "0af7651916cd43dd8448eb211c80319c";
  const JobLabels unsampled = Job(false);
  observer_->NoteForward({.model = "ant",
                          .images = 3,
                          .shares = {{.job = &one, .number = 8, .images = 1},
                                     {.job = &unsampled, .images = 1},
                                     {.job = &other, .number = 1, .images = 1}}});
  const std::vector<Span> spans = list_.spans();
  ASSERT_THAT(spans, SizeIs(2));
  EXPECT_EQ(spans[0].context.trace_id, one.trace.trace_id);
  EXPECT_EQ(spans[1].context.trace_id, other.trace.trace_id);
  EXPECT_THAT(AttributesOf(spans[0]),
              IsSupersetOf({Pair("darkroom.batch.number", "8"), Pair("darkroom.batch.jobs", "3")}));
}

TEST_F(WorkerTracesTest, AJobOfManyForwardsHasSpansOfTheFirstOnes) {
  const JobLabels job = Job();
  for (int number = 1; number <= kMostBatchSpans + 10; ++number) {
    observer_->NoteForward({.model = "ant", .shares = {{.job = &job, .number = number}}});
  }
  EXPECT_THAT(list_.spans(), SizeIs(kMostBatchSpans));
}

TEST_F(WorkerTracesTest, ASpanSaysWhyAJobFailedAndNothingElseOfIt) {
  observer_->NoteEnd(Job(), scheduler::Failed{.failure = {"OUT_OF_MEMORY", "words for its owner"}},
                     absl::Seconds(9), absl::ZeroDuration());
  const std::vector<Span> spans = list_.spans();
  ASSERT_THAT(spans, SizeIs(1));
  EXPECT_EQ(spans[0].error, "OUT_OF_MEMORY");
  EXPECT_THAT(AttributesOf(spans[0]), Contains(Pair("darkroom.outcome", "failed")));
  for (const auto& [key, value] : AttributesOf(spans[0])) {
    EXPECT_THAT(value, Not(HasSubstr("words")));
  }
}

TEST_F(WorkerTracesTest, AJobThatLeavesItsWorkerSaysHow) {
  observer_->NoteParting(Job(), WorkObserver::Parting::kReleased);
  observer_->NoteParting(Job(), WorkObserver::Parting::kLost);
  const std::vector<Span> spans = list_.spans();
  ASSERT_THAT(spans, SizeIs(2));
  EXPECT_THAT(AttributesOf(spans[0]), Contains(Pair("darkroom.outcome", "released")));
  EXPECT_EQ(spans[0].error, "");
  EXPECT_THAT(AttributesOf(spans[1]), Contains(Pair("darkroom.outcome", "lost")));
  EXPECT_EQ(spans[1].error, "LEASE_LOST");
}

}  // namespace
}  // namespace darkroom::worker
