#ifndef DARKROOM_SCHEDULER_CORE_FAIR_QUEUE_H_
#define DARKROOM_SCHEDULER_CORE_FAIR_QUEUE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "scheduler/core/fair_order.h"
#include "scheduler/core/ranked_map.h"

namespace darkroom::scheduler {

// A job as its place in the queue depends on it.
struct FairJob {
  std::int64_t order = 0;  // see QueueHead
  std::string tier = {};
  std::int64_t weight = 1;  // of the tier: the one queued last counts
  std::string tenant = {};
  std::string model = {};
  absl::Duration cost = {};      // predicted device time, whole microseconds
  std::int64_t max_running = 0;  // as in TierTerms
  std::uint32_t version = 1;     // that its worker has to understand
};

// What a worker asks for.
struct FairRequest {
  absl::Span<const std::string> models;
  absl::Span<const std::string> preferred;  // some of them
  absl::Duration slack;                     // for preferred ones
  std::uint32_t version = 1;                // that it understands
  // Orders of the heads that ask for more, which are looked past: Next adds to them. Null: the
  // worker understands every job.
  std::set<std::int64_t>* passed = nullptr;
};

// The next job and what leasing it does to the floors.
struct FairPick {
  FairJob job;
  VirtualTime least_clock = 0;
  VirtualTime least_start = 0;
};

// Where a queued job is, in expectation.
struct QueuePlace {
  std::int64_t position = 0;  // jobs of its tier that go first
  absl::Duration cost_ahead;  // device time of all jobs that go first
};

// The queue's order in plain containers: the state that fair_order.h decides on, and how it moves.
// Of each tenant and model only the head has a tag, so that what is learned of a tenant (a cost
// measured, a job cancelled) counts for all that it has waiting. Thread-compatible.
class FairQueue {
 public:
  // Also for a job whose lease has ended without a verdict; its order brings it to the front.
  void Enqueue(const FairJob& job);
  // Takes back a job that waits.
  void Remove(const FairJob& job);

  // The job that is leased next; nothing when none of the models has one that may run. `visits` is
  // lowered with every head that is looked at, and it gives up at 0. Heads of tenants that run as
  // many jobs as they may are set aside until one of those ends.
  std::optional<FairPick> Next(const FairRequest& request, int* visits);
  // Leases the job that Next has named to who asked for these models, and charges it.
  void Take(const FairPick& pick, absl::Span<const std::string> models);
  // The lease of the job has ended; it is charged what was measured, zero when nobody knows. True
  // when that has brought back jobs which had been set aside.
  bool EndLease(const FairJob& job, absl::Duration measured);

  // Of a job that waits. Exact for heads while every tenant has one model; of those behind them it
  // is expected that all tenants take turns. Of other tiers as much is ahead as their weight
  // allows.
  QueuePlace PlaceOf(const FairJob& job) const;

  std::int64_t QueuedOf(const std::string& tenant) const;

 private:
  struct Flow {                             // the jobs of a tenant for a model
    RankedMap<std::int64_t, FairJob> jobs;  // by order
    std::optional<VirtualTime> start;       // of the head; none while it is set aside
  };
  using FlowName = std::pair<std::string, std::string>;           // model, tenant
  using Heads = RankedSet<std::pair<VirtualTime, std::int64_t>>;  // start, order
  struct Tier {
    std::int64_t weight = 1;
    VirtualTime clock = 0;
    std::int64_t queued = 0;
    VirtualTime cost = 0;                       // of the queued
    std::map<std::string, VirtualTime> floors;  // by model
    std::map<std::string, VirtualTime> finish;  // by tenant; absent: below every floor
    std::set<std::pair<VirtualTime, std::string>> finish_order;
    std::map<FlowName, Flow> flows;
    Heads heads;
    std::map<std::string, std::map<std::pair<VirtualTime, std::int64_t>, FlowName>> heads_of;
    std::map<std::int64_t, std::int64_t> depths;  // k → flows of at least k jobs
  };
  struct Candidates {
    std::vector<std::string> names;  // of the tiers
    std::vector<TierHeads> tiers;
    std::vector<std::vector<FlowName>> flows;  // of the heads
  };

  // Jobs of the tier that go before one with `before` > 0 of its own flow, and `heads` other heads,
  // before it.
  static std::int64_t JobsInTurns(const Tier& tier, const Flow& flow, std::int64_t before,
                                  std::int64_t heads);
  Candidates Collect(const FairRequest& request) const;
  VirtualTime StartOf(const Tier& tier, const FlowName& name) const;
  // Gives the flow's head a tag, or a new one; takes it from the heads.
  void ShowHead(Tier& tier, const FlowName& name, VirtualTime start);
  void HideHead(Tier& tier, const FlowName& name);
  void SetFinish(Tier& tier, const std::string& tenant, VirtualTime finish);
  void ForgetFinished(Tier& tier, VirtualTime floor);
  void Detach(Tier& tier, const FairJob& job);
  VirtualTime CostAheadOfOthers(const std::string& own, VirtualTime ahead) const;

  std::map<std::string, Tier> tiers_;
  std::map<std::string, VirtualTime> clock_floors_;                                 // by model
  std::map<std::string, std::int64_t> queued_;                                      // by tenant
  std::map<std::string, std::int64_t> running_;                                     // by tenant
  std::map<std::string, std::set<std::pair<std::string, std::string>>> set_aside_;  // tier, model
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_FAIR_QUEUE_H_
