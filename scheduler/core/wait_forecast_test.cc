#include "scheduler/core/wait_forecast.h"

#include <cstdint>
#include <map>

#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

using Waits = std::map<std::int64_t, absl::Duration>;

constexpr int kMany = 1000;

FleetJob QueuedJob(std::int64_t order, const std::string& tenant, const std::string& model) {
  return {.place = {.order = order,
                    .tier = "standard",
                    .tenant = tenant,
                    .model = model,
                    .cost = absl::Seconds(2)},
          .work = absl::Seconds(2),
          .foretold = absl::Seconds(2)};
}

class WaitForecastTest : public ::testing::Test {
 protected:
  FleetModel fleet_{{.workers = 1, .capacity = 1, .load = absl::Seconds(10)}, {"a", "b"}};
};

TEST_F(WaitForecastTest, CountsTheLoadingOfModelsAndWhatRunningJobsStillHaveToDo) {
  fleet_.Submit(QueuedJob(1, "alice", "a"));
  EXPECT_EQ(ForecastWaits(fleet_, kMany), (Waits{{1, absl::Seconds(10)}}));
  fleet_.AdvanceTo(absl::Seconds(10));  // it begins
  fleet_.AdvanceTo(absl::Seconds(11));
  fleet_.Submit(QueuedJob(2, "alice", "a"));
  fleet_.Submit(QueuedJob(3, "alice", "b"));
  EXPECT_EQ(ForecastWaits(fleet_, kMany),
            (Waits{{2, absl::Seconds(1)}, {3, absl::Seconds(1 + 2 + 10)}}));
}

TEST_F(WaitForecastTest, TenantsTakeTurns) {
  for (int order = 1; order <= 3; ++order) fleet_.Submit(QueuedJob(order, "heavy", "a"));
  fleet_.Submit(QueuedJob(4, "light", "a"));
  EXPECT_EQ(ForecastWaits(fleet_, kMany), (Waits{{1, absl::Seconds(10)},
                                                 {4, absl::Seconds(12)},
                                                 {2, absl::Seconds(14)},
                                                 {3, absl::Seconds(16)}}));
}

TEST_F(WaitForecastTest, LeavesOutWhatIsBeyondItsLimit) {
  for (int order = 1; order <= 3; ++order) fleet_.Submit(QueuedJob(order, "alice", "a"));
  // Begins, ends, begins.
  EXPECT_EQ(ForecastWaits(fleet_, 3), (Waits{{1, absl::Seconds(10)}, {2, absl::Seconds(12)}}));
}

TEST_F(WaitForecastTest, DoesNotTouchTheFleet) {
  fleet_.Submit(QueuedJob(1, "alice", "a"));
  const absl::Duration next = fleet_.NextChange();
  ForecastWaits(fleet_, kMany);
  EXPECT_EQ(fleet_.now(), absl::ZeroDuration());
  EXPECT_EQ(fleet_.NextChange(), next);
}

}  // namespace
}  // namespace darkroom::scheduler
