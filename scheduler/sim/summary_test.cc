#include "scheduler/sim/summary.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace darkroom::scheduler::sim {
namespace {

// The figures that the project promises, on the scenarios it promises them for.
Summary SummaryOf(const WorkloadOptions& workload, SimulationOptions options) {
  options.length = workload.length;
  const std::vector<Arrival> arrivals = MakeWorkload(workload).value();
  return Summarise(arrivals, Simulate(arrivals, options), options);
}

TEST(SummaryTest, AHeavyTenantAndFiftyLightOnesShareAlike) {
  const Summary fair = SummaryOf({.scenario = "heavy"}, {});
  EXPECT_EQ(fair.judged_tenants, 51);
  EXPECT_GE(fair.weighted_jain, 0.98);
}

TEST(SummaryTest, FirstComeFirstServedIsToldFromFair) {
  EXPECT_LE(SummaryOf({.scenario = "heavy"}, {.order = Order::kFirstComeFirstServed}).weighted_jain,
            0.1);
}

TEST(SummaryTest, FairnessCostsHardlyAnyUsefulTime) {
  const Summary fair = SummaryOf({.scenario = "heavy"}, {});
  const Summary most = SummaryOf({.scenario = "heavy"}, {.order = Order::kLoadedFirst});
  const Summary fcfs = SummaryOf({.scenario = "heavy"}, {.order = Order::kFirstComeFirstServed});
  EXPECT_GE(fair.useful_share, 0.95 * most.useful_share);
  EXPECT_GE(fair.useful_share, 2 * fcfs.useful_share) << "which loads a model for most jobs";
}

TEST(SummaryTest, AnOccasionalTenantHardlyWaits) {
  const Summary fair = SummaryOf({.scenario = "burst"}, {});
  const Summary fcfs = SummaryOf({.scenario = "burst"}, {.order = Order::kFirstComeFirstServed});
  EXPECT_LE(fair.waits.at("light").p90, 60);
  EXPECT_EQ(fcfs.waits.count("light"), 0) << "none was even begun";
}

TEST(SummaryTest, TiersShareByWeightAndTheirTenantsAlike) {
  const Summary fair = SummaryOf({.scenario = "tiers", .tenants = 10}, {});
  EXPECT_EQ(fair.judged_tenants, 10);
  EXPECT_GE(fair.weighted_jain, 0.98);
}

TEST(SummaryTest, APromiseIsRightAboutAllThatCanBeKnownWhenItIsGiven) {
  for (const std::uint64_t seed : {1, 2}) {
    const PromiseErrors errors = SummaryOf({.scenario = "mixed", .seed = seed}, {}).promises;
    EXPECT_GT(errors.undisturbed.count, 1000);
    EXPECT_LE(errors.undisturbed.p90, 0.25);
    EXPECT_LE(errors.first.p90, errors.first_at_best.p90 + 0.05) << "who comes later does the rest";
    EXPECT_LE(errors.renewed.p90, 0.5 * errors.first.p90);
  }
}

TEST(SummaryTest, BadPredictionsMakeBadPromises) {
  const PromiseErrors good = SummaryOf({.prediction_error = 0.1}, {}).promises;
  const PromiseErrors bad = SummaryOf({.prediction_error = 0.5}, {}).promises;
  EXPECT_GE(bad.undisturbed.p90, 2 * good.undisturbed.p90);
}

TEST(QuantilesTest, AreOfTheValues) {
  const Quantiles quantiles = QuantilesOf({5, 1, 2, 3, 4});
  EXPECT_EQ(quantiles.count, 5);
  EXPECT_EQ(quantiles.p50, 3);
  EXPECT_EQ(quantiles.p90, 4);
  EXPECT_EQ(quantiles.max, 5);
  EXPECT_EQ(QuantilesOf({}).count, 0);
}

}  // namespace
}  // namespace darkroom::scheduler::sim
