#include "scheduler/sim/simulation.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string>

#include "scheduler/core/fair_queue.h"

namespace darkroom::scheduler::sim {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kDone = 1e-9;          // of work left, in seconds
constexpr double kLearningRate = 0.02;  // of what a job is charged, beside what was foretold
constexpr absl::Duration kUnbounded = absl::Hours(24 * 365);
constexpr int kMaxVisits = 100;  // as acquire.lua

absl::Duration Whole(absl::Duration duration) {
  return absl::Trunc(duration, absl::Microseconds(1));
}

class Simulation {
 public:
  Simulation(const std::vector<Arrival>& arrivals, const SimulationOptions& options)
      : arrivals_(arrivals), options_(options), workers_(options.fleet.workers) {
    std::set<std::string> models;
    for (const Arrival& arrival : arrivals) models.insert(arrival.model);
    models_.assign(models.begin(), models.end());
    run_.outcomes.resize(arrivals.size());
    jobs_.resize(arrivals.size());
  }

  Run Finish() {
    std::size_t next = 0;
    while (true) {
      const auto soonest = std::min_element(
          workers_.begin(), workers_.end(),
          [this](const Worker& a, const Worker& b) { return NextEvent(a) < NextEvent(b); });
      const double arrival =
          next < arrivals_.size() ? absl::ToDoubleSeconds(arrivals_[next].time) : kNever;
      now_ = std::min(arrival, NextEvent(*soonest));
      if (now_ >= absl::ToDoubleSeconds(options_.length)) break;
      if (arrival <= NextEvent(*soonest)) {
        Queue(next++);
      } else {
        Handle(*soonest);
      }
    }
    now_ = absl::ToDoubleSeconds(options_.length);
    for (Worker& worker : workers_) Advance(worker);
    return std::move(run_);
  }

 private:
  struct Computed {
    std::size_t job = 0;
    double left = 0;  // of its work
    double charged = 0;
  };
  struct Worker {
    std::string model;
    std::vector<Computed> computed;
    std::optional<std::size_t> pending;  // of another model
    bool loading = false;
    double loaded = 0;
    double updated = 0;
  };

  double StepOf(std::size_t jobs) const {
    return options_.fleet.alone + (1 - options_.fleet.alone) * static_cast<double>(jobs);
  }

  double NextEvent(const Worker& worker) const {
    if (worker.loading) return worker.loaded;
    double least = kNever;
    for (const Computed& job : worker.computed) least = std::min(least, job.left);
    return worker.updated + least * StepOf(worker.computed.size());
  }

  void Advance(Worker& worker) {
    const double passed = now_ - worker.updated;
    worker.updated = now_;
    if (worker.loading) run_.loading += absl::Seconds(passed);
    if (worker.loading || worker.computed.empty()) return;
    const auto jobs = static_cast<double>(worker.computed.size());
    const double work = passed / StepOf(worker.computed.size());
    for (Computed& job : worker.computed) {
      job.left -= work;
      job.charged += passed / jobs;
    }
    run_.computing += absl::Seconds(passed);
    run_.worked += absl::Seconds(work * jobs);
  }

  void Queue(std::size_t index) {
    const Arrival& arrival = arrivals_[index];
    const bool fair = options_.order == Order::kFair;
    FairJob& job = jobs_[index];
    job = {.order = static_cast<std::int64_t>(index) + 1,
           .tier = fair ? arrival.tier : "all",
           .weight = fair ? arrival.weight : 1,
           .tenant = fair ? arrival.tenant : "everybody",
           .model = arrival.model,
           .cost = Whole(arrival.foretold * learned_)};
    queue_.Enqueue(job);
    run_.outcomes[index].promised = queue_.PlaceOf(job).cost_ahead / options_.fleet.workers;
    for (Worker& worker : workers_) Refill(worker);
  }

  void Handle(Worker& worker) {
    Advance(worker);
    if (worker.loading) {
      worker.loading = false;
      Begin(worker, *worker.pending);
      worker.pending.reset();
    }
    for (const Computed& job : worker.computed) {
      if (job.left <= kDone) End(job);
    }
    std::erase_if(worker.computed, [](const Computed& job) { return job.left <= kDone; });
    Refill(worker);
  }

  void Begin(Worker& worker, std::size_t index) {
    Advance(worker);
    run_.outcomes[index].leased = absl::Seconds(now_);
    worker.computed.push_back({.job = index, .left = absl::ToDoubleSeconds(arrivals_[index].work)});
  }

  void End(const Computed& job) {
    Outcome& outcome = run_.outcomes[job.job];
    outcome.ended = absl::Seconds(now_);
    outcome.charged = Whole(absl::Seconds(job.charged));
    queue_.EndLease(jobs_[job.job], outcome.charged);
    learned_ += kLearningRate *
                (job.charged / absl::ToDoubleSeconds(arrivals_[job.job].foretold) - learned_);
  }

  // One request for jobs, as a worker makes it.
  void Refill(Worker& worker) {
    const bool looks_at_models = options_.order != Order::kFirstComeFirstServed;
    const bool fair = options_.order == Order::kFair;
    std::vector<std::string> preferred = {worker.model};
    absl::Duration slack = fair ? options_.affinity_slack : kUnbounded;
    if (!looks_at_models) preferred.clear();
    int visits = kMaxVisits;
    while (!worker.loading && !worker.pending.has_value() &&
           static_cast<int>(worker.computed.size()) < options_.fleet.capacity) {
      const auto pick =
          queue_.Next({.models = models_, .preferred = preferred, .slack = slack}, &visits);
      if (!pick.has_value()) break;
      queue_.Take(*pick, models_);
      const auto index = static_cast<std::size_t>(pick->job.order - 1);
      if (looks_at_models) preferred = {pick->job.model};
      if (fair) slack = options_.fill_slack;
      if (pick->job.model == worker.model) {
        Begin(worker, index);
      } else {
        worker.pending = index;
      }
    }
    if (worker.loading || !worker.pending.has_value() || !worker.computed.empty()) return;
    Advance(worker);
    worker.model = arrivals_[*worker.pending].model;
    worker.loading = true;
    worker.loaded = now_ + absl::ToDoubleSeconds(options_.fleet.load);
  }

  const std::vector<Arrival>& arrivals_;
  const SimulationOptions& options_;
  std::vector<std::string> models_;
  std::vector<FairJob> jobs_;
  std::vector<Worker> workers_;
  FairQueue queue_;
  double now_ = 0;
  double learned_ = 1;  // charge of a job over what was foretold
  Run run_;
};

}  // namespace

Run Simulate(const std::vector<Arrival>& arrivals, const SimulationOptions& options) {
  return Simulation(arrivals, options).Finish();
}

}  // namespace darkroom::scheduler::sim
