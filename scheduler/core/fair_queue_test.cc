#include "scheduler/core/fair_queue.h"

#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// A queue and workers that lease from it; every lease ends as predicted.
class FairQueueTest : public ::testing::Test {
 protected:
  FairJob Enqueue(const std::string& tenant, absl::Duration cost = absl::Seconds(1),
                  FairJob job = {}) {
    job.order = ++last_order_;
    if (job.tier.empty()) job.tier = "standard";
    if (job.model.empty()) job.model = "demo";
    job.tenant = tenant;
    job.cost = cost;
    queue_.Enqueue(job);
    return job;
  }
  void EnqueueMany(int count, const std::string& tenant, absl::Duration cost = absl::Seconds(1),
                   const FairJob& job = {}) {
    for (int i = 0; i < count; ++i) Enqueue(tenant, cost, job);
  }

  std::optional<FairJob> Lease(const std::vector<std::string>& models = {"demo"},
                               const std::vector<std::string>& preferred = {},
                               absl::Duration slack = absl::ZeroDuration()) {
    int visits = 100;
    const auto pick =
        queue_.Next({.models = models, .preferred = preferred, .slack = slack}, &visits);
    if (!pick.has_value()) return std::nullopt;
    queue_.Take(*pick, models);
    return pick->job;
  }
  std::string TenantOfNext() {
    const std::optional<FairJob> job = Lease();
    if (!job.has_value()) return "nobody";
    queue_.EndLease(*job, job->cost);
    return job->tenant;
  }
  // Leases so many jobs; how many of each tenant they were.
  std::map<std::string, int> Serve(int jobs) {
    std::map<std::string, int> served;
    for (int i = 0; i < jobs; ++i) ++served[TenantOfNext()];
    return served;
  }

  FairQueue queue_;
  std::int64_t last_order_ = 0;
};

TEST_F(FairQueueTest, ALightTenantWaitsForOneJobOfAHeavyOne) {
  EnqueueMany(100, "heavy");
  EXPECT_EQ(TenantOfNext(), "heavy");
  Enqueue("light");
  EXPECT_EQ(TenantOfNext(), "light");
  EXPECT_EQ(TenantOfNext(), "heavy");
}

TEST_F(FairQueueTest, TenantsShareDeviceTimeAndNotJobs) {
  EnqueueMany(100, "long", absl::Seconds(4));
  EnqueueMany(100, "short", absl::Seconds(1));
  EXPECT_THAT(Serve(50), UnorderedElementsAre(Pair("long", 10), Pair("short", 40)));
}

TEST_F(FairQueueTest, TiersShareByWeightWhateverTheNumberOfTheirTenants) {
  EnqueueMany(100, "payer", absl::Seconds(1), {.tier = "pro", .weight = 8});
  for (const std::string tenant : {"a", "b", "c"}) {
    EnqueueMany(50, tenant, absl::Seconds(1), {.tier = "free", .weight = 1});
  }
  std::map<std::string, int> served = Serve(90);
  EXPECT_EQ(served["payer"], 80);
  EXPECT_EQ(served["a"] + served["b"] + served["c"], 10);
}

TEST_F(FairQueueTest, WhoWasAwayHasNoCreditForIt) {
  Enqueue("away");
  EnqueueMany(100, "busy");
  Serve(50);
  EnqueueMany(50, "away");
  EXPECT_THAT(Serve(20), UnorderedElementsAre(Pair("away", 10), Pair("busy", 10)));
}

TEST_F(FairQueueTest, ATierThatWasAwayHasNoCreditForIt) {
  EnqueueMany(100, "busy", absl::Seconds(1), {.tier = "a"});
  Serve(50);
  EnqueueMany(50, "late", absl::Seconds(1), {.tier = "b"});
  EXPECT_THAT(Serve(20), UnorderedElementsAre(Pair("busy", 10), Pair("late", 10)));
}

TEST_F(FairQueueTest, ManyWhoComeAtOnceAreServedInTheOrderOfTheirArrival) {
  EnqueueMany(2, "z");
  for (const std::string tenant : {"m", "y", "a"}) Enqueue(tenant);
  std::vector<std::string> order;
  for (int i = 0; i < 4; ++i) order.push_back(TenantOfNext());
  EXPECT_THAT(order, ElementsAre("z", "m", "y", "a"));
}

TEST_F(FairQueueTest, ATenantIsChargedWhatWasMeasured) {
  EnqueueMany(100, "says-little", absl::Seconds(1));
  EnqueueMany(100, "honest", absl::Seconds(1));
  std::map<std::string, int> served;
  for (int i = 0; i < 60; ++i) {
    const FairJob job = *Lease();
    ++served[job.tenant];
    queue_.EndLease(job, job.tenant == "honest" ? absl::Seconds(1) : absl::Seconds(5));
  }
  EXPECT_EQ(served["honest"], 50);
  EXPECT_EQ(served["says-little"], 10);
}

TEST_F(FairQueueTest, AJobThatComesBackHasItsOldPlaceAndIsNotChargedTwice) {
  EnqueueMany(10, "unlucky");
  EnqueueMany(10, "other");
  const FairJob job = *Lease();
  ASSERT_EQ(job.tenant, "unlucky");
  queue_.EndLease(job, absl::ZeroDuration());
  queue_.Enqueue(job);
  EXPECT_EQ(Lease()->order, job.order);
  EXPECT_THAT(Serve(10), UnorderedElementsAre(Pair("unlucky", 5), Pair("other", 5)));
}

TEST_F(FairQueueTest, ACancelledHeadLeavesItsTurnToTheNextJobOfItsTenant) {
  const FairJob first = Enqueue("alice");
  const FairJob second = Enqueue("alice");
  EnqueueMany(2, "bob");
  queue_.Remove(first);
  EXPECT_EQ(Lease()->order, second.order);
  EXPECT_EQ(Lease()->tenant, "bob");
}

TEST_F(FairQueueTest, ATenantRunsNoMoreJobsAtOnceThanItMay) {
  EnqueueMany(5, "alice", absl::Seconds(1), {.max_running = 2});
  Enqueue("bob");
  const FairJob first = *Lease();
  EXPECT_EQ(Lease()->tenant, "bob");
  EXPECT_EQ(Lease()->tenant, "alice");
  EXPECT_EQ(Lease(), std::nullopt);
  EXPECT_TRUE(queue_.EndLease(first, first.cost));
  EXPECT_EQ(Lease()->tenant, "alice");
}

TEST_F(FairQueueTest, ServiceForOneModelCountsForTheOthers) {
  EnqueueMany(10, "alice", absl::Seconds(1), {.model = "a"});
  EnqueueMany(10, "alice", absl::Seconds(1), {.model = "b"});
  EnqueueMany(10, "bob", absl::Seconds(1), {.model = "a"});
  std::map<std::string, int> served;
  for (int i = 0; i < 10; ++i) ++served[Lease({"a", "b"})->tenant];
  EXPECT_EQ(served["alice"], 5);
  EXPECT_EQ(served["bob"], 5);
}

TEST_F(FairQueueTest, JobsOfAModelThatNobodyServesHoldUpNobody) {
  EnqueueMany(10, "alice", absl::Seconds(1), {.model = "gone"});
  Enqueue("alice");
  Enqueue("bob");
  EXPECT_EQ(Lease()->tenant, "alice");
  EXPECT_EQ(Lease()->tenant, "bob");
}

TEST_F(FairQueueTest, ALoadedModelIsServedForAsLongAsTheSlackLasts) {
  EnqueueMany(20, "alice", absl::Seconds(1), {.model = "a"});
  EnqueueMany(20, "bob", absl::Seconds(1), {.model = "b"});
  std::vector<std::string> models;
  std::string loaded = "b";
  for (int i = 0; i < 16; ++i) {
    loaded = Lease({"a", "b"}, {loaded}, absl::Seconds(3))->model;
    models.push_back(loaded);
  }
  // Four ahead of alice's first, then alice catches up and goes as far ahead.
  EXPECT_THAT(models, ElementsAre("b", "b", "b", "b", "a", "a", "a", "a", "a", "a", "a", "a", "b",
                                  "b", "b", "b"));
}

TEST_F(FairQueueTest, KeepsNoTagsOfTenantsThatAreNotAhead) {
  for (int i = 0; i < 50; ++i) Enqueue("tenant-" + std::to_string(i));
  Serve(50);
  EnqueueMany(30, "alone");
  Serve(30);
  Enqueue("tenant-7");
  EXPECT_EQ(TenantOfNext(), "tenant-7");
}

TEST_F(FairQueueTest, TellsThePlaceOfAHead) {
  EnqueueMany(3, "alice");
  const FairJob bob = Enqueue("bob");
  EXPECT_EQ(queue_.PlaceOf(bob).position, 1);
  EXPECT_EQ(queue_.PlaceOf(bob).cost_ahead, absl::Seconds(1));
}

TEST_F(FairQueueTest, ExpectsTenantsToTakeTurns) {
  EnqueueMany(100, "heavy");
  EnqueueMany(2, "light");
  const FairJob third = Enqueue("light");
  // Two rounds of two, and heavy's job of the third.
  EXPECT_EQ(queue_.PlaceOf(third).position, 5);
  const FairJob last = Enqueue("heavy");
  EXPECT_EQ(queue_.PlaceOf(last).position, 103);
}

TEST_F(FairQueueTest, CountsOfOtherTiersWhatTheirWeightLetsThemTake) {
  EnqueueMany(100, "payer", absl::Seconds(1), {.tier = "pro", .weight = 8});
  EnqueueMany(2, "alice", absl::Seconds(1), {.tier = "free", .weight = 1});
  const FairJob third = Enqueue("alice", absl::Seconds(1), {.tier = "free", .weight = 1});
  EXPECT_EQ(queue_.PlaceOf(third).position, 2);
  EXPECT_EQ(queue_.PlaceOf(third).cost_ahead, absl::Seconds(2 + 16));
}

}  // namespace
}  // namespace darkroom::scheduler
