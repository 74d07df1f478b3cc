#include "worker/engine/fleet_reporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/manual_clock.h"
#include "darkroom/internal/v1/worker_record.pb.h"
#include "scheduler/testing/in_memory_fleet.h"

namespace darkroom::worker {
namespace {

using scheduler::WorkerWish;
using ::testing::ElementsAre;

class FleetReporterTest : public ::testing::Test {
 protected:
  static v1::Worker Self() {
    v1::Worker self;
    self.set_host("box");
    return self;
  }
  // The one worker as the fleet has it.
  scheduler::WorkerEntry Entry() {
    scheduler::WorkerEntry entry;
    fleet_.ListWorkers([&](auto workers) {
      if (workers.ok() && workers->size() == 1) entry = workers->front();
    });
    return entry;
  }
  v1::Worker Reported() {
    internal::v1::WorkerRecord record;
    EXPECT_TRUE(record.ParseFromString(Entry().record));
    EXPECT_EQ(record.version(), 1u);
    return record.worker();
  }
  void Ask(WorkerWish wish) {
    fleet_.AskWorker("w", wish, [](const auto& asked) { EXPECT_TRUE(asked.ok()); });
  }
  void PumpAfter(absl::Duration time) {
    clock_.Advance(time);
    reporter_.Pump();
  }

  ManualClock clock_;
  scheduler::InMemoryFleet fleet_{&clock_};
  std::int64_t pictures_ = 0;
  std::vector<WorkerWish> obeyed_;
  std::vector<absl::Status> told_;
  FleetReporter reporter_{"w",
                          Self(),
                          {.describe =
                               [this](internal::v1::WorkerRecord& record) {
                                 record.mutable_worker()->set_rows(3);
                                 record.mutable_worker()->set_pictures_done(pictures_);
                               },
                           .obey = [this](WorkerWish wish) { obeyed_.push_back(wish); },
                           .told = [this](const absl::Status& status) { told_.push_back(status); }},
                          fleet_,
                          clock_};
};

TEST_F(FleetReporterTest, ReportsEverySecondHowTheWorkerIs) {
  EXPECT_EQ(reporter_.Pump(), FleetReporter::kInterval);
  EXPECT_EQ(Reported().host(), "box");
  EXPECT_EQ(Reported().rows(), 3);
  EXPECT_EQ(Reported().state(), v1::WORKER_STATE_SERVING);
  const absl::Time first = Entry().reported;
  PumpAfter(FleetReporter::kInterval / 2);
  EXPECT_EQ(Entry().reported, first);
  PumpAfter(FleetReporter::kInterval / 2);
  EXPECT_EQ(Entry().reported, first + FleetReporter::kInterval);
}

TEST_F(FleetReporterTest, PassesOnWhatIsWantedOnceWithinTwoSeconds) {
  reporter_.Pump();
  Ask(WorkerWish::kPause);
  PumpAfter(FleetReporter::kInterval);  // asks
  reporter_.Pump();                     // and hears
  EXPECT_THAT(obeyed_, ElementsAre(WorkerWish::kPause));
  EXPECT_EQ(Reported().state(), v1::WORKER_STATE_PAUSED);
  PumpAfter(FleetReporter::kInterval);
  reporter_.Pump();
  EXPECT_THAT(obeyed_, ElementsAre(WorkerWish::kPause));
  Ask(WorkerWish::kServe);
  PumpAfter(FleetReporter::kInterval);
  reporter_.Pump();
  EXPECT_THAT(obeyed_, ElementsAre(WorkerWish::kPause, WorkerWish::kServe));
  EXPECT_EQ(Reported().state(), v1::WORKER_STATE_SERVING);
}

TEST_F(FleetReporterTest, TellsHowEachReportWent) {
  for (int i = 0; i < scheduler::kMaxWorkers; ++i) {
    fleet_.ReportWorker({.worker = absl::StrCat("other-", i), .record = ""}, [](const auto&) {});
  }
  reporter_.Pump();
  reporter_.Pump();
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].code(), absl::StatusCode::kResourceExhausted);
  clock_.Advance(absl::Hours(1));  // the others are gone
  reporter_.Pump();
  reporter_.Pump();
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_TRUE(told_[1].ok());
}

TEST_F(FleetReporterTest, ADrainOfAnEarlierProcessIsNotObeyed) {
  fleet_.ReportWorker({.worker = "w", .record = ""}, [](const auto&) {});
  Ask(WorkerWish::kDrain);
  reporter_.Pump();
  reporter_.Pump();
  EXPECT_TRUE(obeyed_.empty());
  Ask(WorkerWish::kDrain);
  PumpAfter(FleetReporter::kInterval);
  reporter_.Pump();
  EXPECT_THAT(obeyed_, ElementsAre(WorkerWish::kDrain));
}

TEST_F(FleetReporterTest, CountsThePicturesOfTheLastMinute) {
  pictures_ = 5;  // before it began to look
  reporter_.Pump();
  EXPECT_EQ(Reported().pictures_last_minute(), 0);
  pictures_ = 9;
  PumpAfter(absl::Seconds(30));
  EXPECT_EQ(Reported().pictures_last_minute(), 4);
  PumpAfter(absl::Seconds(30));
  EXPECT_EQ(Reported().pictures_last_minute(), 4);
  PumpAfter(absl::Seconds(30));
  EXPECT_EQ(Reported().pictures_last_minute(), 0);
  EXPECT_EQ(Reported().pictures_done(), 9);
}

TEST_F(FleetReporterTest, SaysThatItDrainsAndLeaves) {
  reporter_.Pump();
  reporter_.NoteDraining();
  reporter_.Pump();
  EXPECT_EQ(Reported().state(), v1::WORKER_STATE_DRAINING);
  EXPECT_FALSE(reporter_.left());
  reporter_.Leave();
  reporter_.Pump();
  EXPECT_TRUE(reporter_.left());
  EXPECT_EQ(Entry().id, "");
  PumpAfter(absl::Hours(1));
  EXPECT_EQ(Entry().id, "");
}

}  // namespace
}  // namespace darkroom::worker
