#include "scheduler/sim/simulation.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace darkroom::scheduler::sim {
namespace {

Arrival Job(absl::Duration time, const std::string& tenant, absl::Duration work,
            const std::string& model = "a") {
  return {.time = time,
          .tier = "standard",
          .tenant = tenant,
          .group = tenant,
          .model = model,
          .work = work,
          .foretold = work};
}

SimulationOptions OneWorker(int capacity) {
  SimulationOptions options;
  options.fleet = {.workers = 1, .capacity = capacity, .alone = 0.5, .load = absl::Seconds(10)};
  return options;
}

TEST(SimulationTest, AWorkerLoadsTheModelAndThenComputes) {
  const auto run = Simulate({Job(absl::Seconds(1), "alice", absl::Seconds(4))}, OneWorker(1));
  EXPECT_EQ(run.outcomes[0].leased, absl::Seconds(11));
  EXPECT_EQ(run.outcomes[0].ended, absl::Seconds(15));
  EXPECT_EQ(run.outcomes[0].charged, absl::Seconds(4));
  EXPECT_EQ(run.loading, absl::Seconds(10));
  EXPECT_EQ(run.computing, absl::Seconds(4));
  EXPECT_EQ(run.worked, absl::Seconds(4));
}

TEST(SimulationTest, JobsSideBySideShareTheTimeAndWhatTheyAreCharged) {
  const auto run = Simulate({Job({}, "alice", absl::Seconds(4)), Job({}, "bob", absl::Seconds(4))},
                            OneWorker(2));
  // The second joins when the model is loaded. Two take 0.5 + 2 * 0.5 of the time of one.
  for (const Outcome& outcome : run.outcomes) {
    EXPECT_EQ(outcome.ended, absl::Seconds(16));
    EXPECT_EQ(outcome.charged, absl::Seconds(3));
  }
  EXPECT_EQ(run.worked, absl::Seconds(8));
}

TEST(SimulationTest, AnotherModelWaitsUntilTheJobsOfTheLoadedOneHaveEnded) {
  SimulationOptions options = OneWorker(2);
  options.fleet.affinity_slack = options.fleet.fill_slack = absl::ZeroDuration();
  const auto run = Simulate(
      {Job({}, "alice", absl::Seconds(4)), Job({}, "bob", absl::Seconds(4), "b")}, options);
  EXPECT_EQ(run.outcomes[0].ended, absl::Seconds(14));
  EXPECT_EQ(run.outcomes[1].leased, absl::Seconds(24));
}

TEST(SimulationTest, FirstComeFirstServedLetsALightTenantWaitForAllOfAHeavyOne) {
  std::vector<Arrival> arrivals;
  for (int i = 0; i < 50; ++i) arrivals.push_back(Job({}, "heavy", absl::Seconds(2)));
  arrivals.push_back(Job(absl::Seconds(20), "light", absl::Seconds(2)));
  SimulationOptions options = OneWorker(1);
  const absl::Duration fair = Simulate(arrivals, options).outcomes.back().leased;
  options.order = Order::kFirstComeFirstServed;
  EXPECT_EQ(Simulate(arrivals, options).outcomes.back().leased, absl::Seconds(110));
  EXPECT_LE(fair, absl::Seconds(24));
}

TEST(SimulationTest, PromisesExactlyWhatNothingDisturbs) {
  std::vector<Arrival> arrivals;
  for (int i = 0; i < 5; ++i) arrivals.push_back(Job({}, "alice", absl::Seconds(2)));
  const Outcome last = Simulate(arrivals, OneWorker(1)).outcomes[4];
  EXPECT_EQ(last.leased, absl::Seconds(10 + 4 * 2));
  EXPECT_EQ(last.promised, last.leased);
  EXPECT_EQ(last.undisturbed, last.leased);
}

TEST(SimulationTest, WhoComesLaterProvesTheFirstPromiseWrongAndTheNextOnesTellIt) {
  std::vector<Arrival> arrivals;
  for (int i = 0; i < 4; ++i) arrivals.push_back(Job({}, "heavy", absl::Seconds(20)));
  for (int i = 0; i < 3; ++i) {
    arrivals.push_back(Job(absl::Seconds(15), absl::StrCat("light-", i), absl::Seconds(20)));
  }
  const Outcome last = Simulate(arrivals, OneWorker(1)).outcomes[3];
  EXPECT_EQ(last.promised, absl::Seconds(10 + 3 * 20));
  EXPECT_EQ(last.leased, absl::Seconds(10 + 6 * 20));
  EXPECT_EQ(last.foretold_begins.back(), last.leased);
}

TEST(WorkloadTest, IsTheSameForTheSameSeed) {
  const auto times = [](std::uint64_t seed) {
    std::vector<absl::Duration> works;
    const std::vector<Arrival> jobs = MakeWorkload({.seed = seed}).value();
    for (const Arrival& job : jobs) works.push_back(job.work);
    return works;
  };
  EXPECT_EQ(times(7), times(7));
  EXPECT_NE(times(7), times(8));
}

TEST(WorkloadTest, RefusesWhatIsNoWorkload) {
  EXPECT_EQ(MakeWorkload({.scenario = "quiet"}).status().message(),
            "there is no scenario \"quiet\"; there are heavy, burst, tiers and mixed");
  EXPECT_FALSE(MakeWorkload({.tenants = 0}).ok());
  EXPECT_FALSE(MakeWorkload({.load = 0}).ok());
}

}  // namespace
}  // namespace darkroom::scheduler::sim
