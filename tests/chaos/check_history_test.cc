#include "tests/chaos/check_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/string_view.h"

namespace darkroom::testing {
namespace {

namespace v1 = darkroom::v1;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// The history of one job, "jobs/1", as it should be; tests break it.
class CheckHistoryTest : public ::testing::Test {
 protected:
  CheckHistoryTest() {
    At(0).mutable_acknowledged()->set_request("r");
    history_.back().mutable_acknowledged()->set_job("jobs/1");
    history_.back().mutable_acknowledged()->set_images(1);
    See(1, 1)->mutable_accepted();
    See(2, 2)->mutable_queued();
    See(3, 3)->mutable_started()->set_attempt(1);
    See(4, 4)->mutable_progress();
    See(5, 5)->mutable_image_chunk();
    v1::Job job;
    job.set_name("jobs/1");
    job.set_state(v1::JOB_STATE_SUCCEEDED);
    job.set_last_sequence(6);
    job.add_images()->set_sha256("abc");
    *See(6, 6)->mutable_finished()->mutable_job() = job;
    chaos::Watched& watched = *At(6).mutable_watched();
    watched.set_watcher(1);
    watched.set_job("jobs/1");
    watched.add_sha256("abc");
    chaos::Census& census = *At(7).mutable_census();
    *census.add_jobs() = job;
    census.set_ended(1);
  }

  chaos::Entry& At(int second) {
    history_.emplace_back().set_time_us(second * 1'000'000);
    return history_.back();
  }
  v1::JobEvent* See(int second, int sequence) {
    chaos::Seen& seen = *At(second).mutable_seen();
    seen.set_watcher(1);
    seen.mutable_event()->set_job("jobs/1");
    seen.mutable_event()->set_sequence(sequence);
    return seen.mutable_event();
  }
  chaos::Census& census() { return *history_.back().mutable_census(); }

  std::vector<chaos::Entry> history_;
};

TEST_F(CheckHistoryTest, FindsNothingInAWholeHistory) {
  EXPECT_THAT(Violations(history_), IsEmpty());
}

TEST_F(CheckHistoryTest, FindsAJobThatIsGone) {
  census().clear_jobs();
  census().set_ended(0);
  EXPECT_THAT(Violations(history_), ::testing::Contains(StartsWith("A: jobs/1 was acknowledged")));
}

TEST_F(CheckHistoryTest, FindsAJobThatNeverEnded) {
  chaos::Entry& other = At(8);
  other.mutable_acknowledged()->set_request("other");
  other.mutable_acknowledged()->set_job("jobs/2");
  std::swap(history_.back(), history_[history_.size() - 2]);
  census().add_jobs()->set_name("jobs/2");
  census().mutable_jobs(1)->set_state(v1::JOB_STATE_RUNNING);
  census().set_ended(2);
  EXPECT_THAT(Violations(history_), ElementsAre("A: jobs/2 is left JOB_STATE_RUNNING"));
}

TEST_F(CheckHistoryTest, FindsASecondJobOfARequest) {
  history_.push_back(history_[0]);
  history_.back().mutable_acknowledged()->set_job("jobs/2");
  EXPECT_THAT(Violations(history_), ::testing::Contains("A: request r made jobs/1 and jobs/2"));
}

TEST_F(CheckHistoryTest, FindsAnotherEndThanTheWatchersOne) {
  census().mutable_jobs(0)->set_state(v1::JOB_STATE_FAILED);
  EXPECT_THAT(Violations(history_),
              ElementsAre("A: jobs/1 ended JOB_STATE_SUCCEEDED and JOB_STATE_FAILED"));
}

TEST_F(CheckHistoryTest, FindsOtherPictures) {
  census().mutable_jobs(0)->mutable_images(0)->set_sha256("another");
  EXPECT_THAT(Violations(history_), ElementsAre("B: watcher 1 got other pictures of jobs/1"));
}

TEST_F(CheckHistoryTest, FindsAMissingPicture) {
  history_[0].mutable_acknowledged()->set_images(2);
  EXPECT_THAT(Violations(history_), ElementsAre("B: jobs/1 has 1 pictures of 2"));
}

TEST_F(CheckHistoryTest, FindsAGap) {
  history_.erase(history_.begin() + 4);
  EXPECT_THAT(Violations(history_), ElementsAre("C: watcher 1 of jobs/1 saw 5 after 3"));
}

TEST_F(CheckHistoryTest, FindsAWatcherThatNeverCameToTheEnd) {
  history_.erase(history_.begin() + 7);
  EXPECT_THAT(Violations(history_), ElementsAre("C: watcher 1 of jobs/1 is still waiting"));
}

TEST_F(CheckHistoryTest, FindsEventsAfterTheEnd) {
  census().mutable_jobs(0)->set_last_sequence(7);
  See(7, 7)->mutable_progress();
  EXPECT_THAT(Violations(history_), ElementsAre("C: watcher 1 saw more of jobs/1 after its end"));
}

TEST_F(CheckHistoryTest, FindsWhatCameAfterTheWatchersHadGone) {
  census().mutable_jobs(0)->set_last_sequence(9);
  EXPECT_THAT(Violations(history_), ElementsAre("C: jobs/1 ended with 6 and went on to 9"));
}

TEST_F(CheckHistoryTest, FindsWhatAnIndexStillHolds) {
  census().set_leases(1);
  EXPECT_THAT(Violations(history_),
              ElementsAre("D: leases holds 1 entries though every job has ended"));
}

TEST_F(CheckHistoryTest, FindsARecoveryThatTookTooLong) {
  chaos::Entry fault;
  fault.set_time_us(3'500'000);
  fault.mutable_fault()->set_recovers(true);
  history_.insert(history_.begin() + 4, fault);
  EXPECT_THAT(Violations(history_), IsEmpty());
  for (std::size_t i = 5; i < history_.size(); ++i) {
    history_[i].set_time_us(history_[i].time_us() + 26'000'000);
  }
  EXPECT_THAT(Violations(history_), ElementsAre("G: jobs/1 came back after 26.5s"));
}

TEST_F(CheckHistoryTest, FindsAnErrorThatIsNoCleanRefusal) {
  At(8).mutable_refused()->set_code("INTERNAL");
  history_.back().mutable_refused()->set_request("r");
  EXPECT_THAT(Violations(history_), ElementsAre("J: request r was refused with INTERNAL"));
}

}  // namespace
}  // namespace darkroom::testing
