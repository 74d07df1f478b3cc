#include "server/core/fleet_watch.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "darkroom/internal/v1/worker_record.pb.h"
#include "scheduler/testing/in_memory_fleet.h"
#include "server/testing/manual_loop.h"
#include "server/testing/puppet_worker.h"

namespace darkroom::server {
namespace {

class FleetWatchTest : public testing::Test {
 protected:
  void Report(const std::string& worker, std::optional<int> seconds_until_room,
              std::uint32_t version = 1) {
    darkroom::internal::v1::WorkerRecord record;
    record.set_version(version);
    if (seconds_until_room.has_value()) {
      record.mutable_worker()->mutable_time_until_room()->set_seconds(*seconds_until_room);
    }
    fleet_.ReportWorker({.worker = worker, .record = record.SerializeAsString()},
                        [](const auto& wish) { EXPECT_TRUE(wish.ok()); });
  }
  absl::Duration Watched() {
    watch_->Start();
    loop_.RunReady();
    return watch_->UntilRoom();
  }

  ManualLoop loop_;
  scheduler::InMemoryFleet fleet_{&loop_.clock()};
  scheduler::InMemoryScheduler scheduler_{&loop_.clock()};
  PuppetWorker worker_{scheduler_};
  std::shared_ptr<ModelCatalogue> catalogue_ =
      std::make_shared<ModelCatalogue>(loop_, scheduler_, "demo");
  std::shared_ptr<FleetWatch> watch_ = std::make_shared<FleetWatch>(loop_, fleet_, catalogue_);
};

TEST_F(FleetWatchTest, TheFirstWorkerThatHasRoomCountsAndTimePasses) {
  Report("a", 9);
  Report("b", 5);
  EXPECT_EQ(Watched(), absl::Seconds(5));
  loop_.Advance(FleetWatch::kRefresh / 2);
  EXPECT_EQ(watch_->UntilRoom(), absl::Seconds(5) - FleetWatch::kRefresh / 2);
}

TEST_F(FleetWatchTest, WhatWorkersReportNextIsSeenSoon) {
  Report("a", 9);
  EXPECT_EQ(Watched(), absl::Seconds(9));
  Report("a", 0);
  loop_.Advance(FleetWatch::kRefresh);
  EXPECT_EQ(watch_->UntilRoom(), absl::ZeroDuration());
}

TEST_F(FleetWatchTest, AWorkerThatIsPausedHasNoRoom) {
  Report("a", 9);
  Report("b", 0);
  fleet_.AskWorker("b", scheduler::WorkerWish::kPause, [](const auto&) {});
  EXPECT_EQ(Watched(), absl::Seconds(9));
}

TEST_F(FleetWatchTest, WhatWorkersHaveMeasuredIsToldToTheCatalogue) {
  darkroom::internal::v1::WorkerRecord record;
  record.set_version(1);
  record.add_costs()->set_model("demo");
  darkroom::v1::MeasuredCost& cost = *record.mutable_costs(0)->add_step_costs();
  cost.set_width(64);
  cost.set_height(64);
  cost.set_rows(2);
  cost.set_milliseconds(7);
  fleet_.ReportWorker({.worker = "a", .record = record.SerializeAsString()}, [](const auto&) {});
  worker_.Announce();
  watch_->Start();
  loop_.RunReady();
  catalogue_->Start();
  loop_.RunReady();
  EXPECT_EQ(catalogue_->Find("demo")->step_costs_size(), 1);
}

TEST_F(FleetWatchTest, WhereNothingIsKnownItForetellsNothing) {
  EXPECT_EQ(Watched(), absl::ZeroDuration());
  Report("a", 9);
  Report("older", std::nullopt);
  EXPECT_EQ(Watched(), absl::ZeroDuration());
  fleet_.LeaveFleet("older", [](const absl::Status&) {});
  Report("newer", 7, 2);
  EXPECT_EQ(Watched(), absl::ZeroDuration());
}

}  // namespace
}  // namespace darkroom::server
