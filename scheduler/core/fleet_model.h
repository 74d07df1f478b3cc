#ifndef DARKROOM_SCHEDULER_CORE_FLEET_MODEL_H_
#define DARKROOM_SCHEDULER_CORE_FLEET_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "scheduler/core/fair_queue.h"

namespace darkroom::scheduler {

// How workers serve. A worker computes up to `capacity` jobs of its loaded model side by side; k of
// them advance 1 / (alone + (1 - alone) k) as fast as one, and each is charged a k-th of the time.
// A job of another model waits until those have ended and it is loaded.
struct FleetTerms {
  int workers = 4;  // at least 1
  int capacity = 8;
  double alone = 0.6;  // share of a step's time that does not grow with its jobs
  absl::Duration load = absl::Seconds(10);
  bool prefers_loaded = true;  // else models are loaded as jobs come
  // As of LeaseRequest.
  absl::Duration affinity_slack = absl::Seconds(30);
  absl::Duration fill_slack = absl::Seconds(15);
};

// A job as the model computes it: device time when it runs alone, real and foretold.
struct FleetJob {
  FairJob place;
  absl::Duration work;
  absl::Duration foretold;
};

struct FleetChange {
  std::int64_t order = 0;       // of the job
  bool ended = false;           // otherwise its computing began
  absl::Duration charged = {};  // device time, when it ended
};

// A queue and the workers that it feeds, as a thing that moves by itself: what darkroom-sim
// simulates, and, as a copy of it that nobody else joins, what a wait is foretold by
// (wait_forecast.h). Pure: the same calls give the same changes. Thread-compatible.
class FleetModel {
 public:
  // `models` are all that jobs may ask for.
  FleetModel(const FleetTerms& terms, std::vector<std::string> models);

  // Queues the job now, and gives it to a worker that has room. `place.order` is new.
  std::vector<FleetChange> Submit(const FleetJob& job);
  // When something changes next; infinite when nothing will.
  absl::Duration NextChange() const;
  // Moves time on, not beyond NextChange().
  std::vector<FleetChange> AdvanceTo(absl::Duration time);

  // The same fleet as far as it can be known: every job takes what was foretold. Of a running one
  // that is left in the part that is really left, since workers report their steps.
  FleetModel Foretold() const;

  absl::Duration now() const { return absl::Seconds(now_); }
  // Device time of the jobs that go before one that waits; zero when its model is being loaded.
  absl::Duration AheadOf(std::int64_t order) const;
  // Until the first worker takes another job; zero while one does.
  absl::Duration UntilRoom() const;
  // Since the start, over all workers.
  absl::Duration worked() const { return absl::Seconds(worked_); }  // had each job run alone
  absl::Duration computing() const { return absl::Seconds(computing_); }
  absl::Duration loading() const { return absl::Seconds(loading_); }

 private:
  struct Computed {
    std::int64_t order = 0;
    double left = 0;  // of its work, in seconds
    double charged = 0;
  };
  struct Worker {
    std::string model;
    std::vector<Computed> computed;
    std::optional<std::int64_t> pending;  // of another model
    bool loading = false;
    double loaded = 0;
    double updated = 0;
  };

  double StepOf(std::size_t jobs) const;
  double NextOf(const Worker& worker) const;
  void Advance(Worker& worker);
  void Handle(Worker& worker, std::vector<FleetChange>& changes);
  void Begin(Worker& worker, std::int64_t order, std::vector<FleetChange>& changes);
  // One request for jobs, as a worker makes it.
  void Refill(Worker& worker, std::vector<FleetChange>& changes);

  FleetTerms terms_;
  std::vector<std::string> models_;
  std::vector<Worker> workers_;
  std::map<std::int64_t, FleetJob> jobs_;  // queued or running, by order
  FairQueue queue_;
  double now_ = 0;
  double worked_ = 0;
  double computing_ = 0;
  double loading_ = 0;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_FLEET_MODEL_H_
