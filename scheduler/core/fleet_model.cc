#include "scheduler/core/fleet_model.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace darkroom::scheduler {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kDone = 1e-9;   // of work left, in seconds
constexpr int kMaxVisits = 100;  // as acquire.lua

}  // namespace

FleetModel::FleetModel(const FleetTerms& terms, std::vector<std::string> models)
    : terms_(terms), models_(std::move(models)), workers_(terms.workers) {}

std::vector<FleetChange> FleetModel::Submit(const FleetJob& job) {
  jobs_[job.place.order] = job;
  queue_.Enqueue(job.place);
  std::vector<FleetChange> changes;
  for (Worker& worker : workers_) Refill(worker, changes);
  return changes;
}

absl::Duration FleetModel::NextChange() const {
  double next = kNever;
  for (const Worker& worker : workers_) next = std::min(next, NextOf(worker));
  return absl::Seconds(next);
}

std::vector<FleetChange> FleetModel::AdvanceTo(absl::Duration time) {
  const auto soonest =
      std::min_element(workers_.begin(), workers_.end(),
                       [this](const Worker& a, const Worker& b) { return NextOf(a) < NextOf(b); });
  std::vector<FleetChange> changes;
  if (time < absl::Seconds(NextOf(*soonest))) {
    now_ = absl::ToDoubleSeconds(time);
    for (Worker& worker : workers_) Advance(worker);
    return changes;
  }
  now_ = NextOf(*soonest);
  Handle(*soonest, changes);
  return changes;
}

FleetModel FleetModel::Foretold() const {
  FleetModel copy = *this;
  for (auto& [order, job] : copy.jobs_) job.work = job.foretold;
  for (Worker& worker : copy.workers_) {
    for (Computed& computed : worker.computed) {
      const FleetJob& job = jobs_.at(computed.order);
      computed.left *= absl::FDivDuration(job.foretold, job.work);
    }
  }
  return copy;
}

absl::Duration FleetModel::AheadOf(std::int64_t order) const {
  for (const Worker& worker : workers_) {
    if (worker.pending == order) return absl::ZeroDuration();
  }
  return queue_.PlaceOf(jobs_.at(order).place).cost_ahead;
}

absl::Duration FleetModel::UntilRoom() const {
  double least = kNever;
  for (const Worker& worker : workers_) {
    const bool full = static_cast<int>(worker.computed.size()) >= terms_.capacity;
    double room = 0;
    if (worker.loading) {
      room = worker.loaded - now_;
    } else if (worker.pending.has_value()) {
      double last = 0;
      for (const Computed& job : worker.computed) last = std::max(last, job.left);
      room = last * StepOf(worker.computed.size()) + absl::ToDoubleSeconds(terms_.load);
    } else if (full) {
      room = NextOf(worker) - now_;
    }
    least = std::min(least, room);
  }
  return absl::Seconds(std::max(least, 0.0));
}

double FleetModel::StepOf(std::size_t jobs) const {
  return terms_.alone + (1 - terms_.alone) * static_cast<double>(jobs);
}

double FleetModel::NextOf(const Worker& worker) const {
  if (worker.loading) return worker.loaded;
  double least = kNever;
  for (const Computed& job : worker.computed) least = std::min(least, job.left);
  return worker.updated + least * StepOf(worker.computed.size());
}

void FleetModel::Advance(Worker& worker) {
  const double passed = now_ - worker.updated;
  worker.updated = now_;
  if (worker.loading) loading_ += passed;
  if (worker.loading || worker.computed.empty()) return;
  const auto jobs = static_cast<double>(worker.computed.size());
  const double work = passed / StepOf(worker.computed.size());
  for (Computed& job : worker.computed) {
    job.left -= work;
    job.charged += passed / jobs;
  }
  computing_ += passed;
  worked_ += work * jobs;
}

void FleetModel::Handle(Worker& worker, std::vector<FleetChange>& changes) {
  Advance(worker);
  if (worker.loading) {
    worker.loading = false;
    Begin(worker, *worker.pending, changes);
    worker.pending.reset();
  }
  for (const Computed& job : worker.computed) {
    if (job.left > kDone) continue;
    const absl::Duration charged = absl::Trunc(absl::Seconds(job.charged), absl::Microseconds(1));
    queue_.EndLease(jobs_.at(job.order).place, charged);
    jobs_.erase(job.order);
    changes.push_back({.order = job.order, .ended = true, .charged = charged});
  }
  std::erase_if(worker.computed, [](const Computed& job) { return job.left <= kDone; });
  Refill(worker, changes);
}

void FleetModel::Begin(Worker& worker, std::int64_t order, std::vector<FleetChange>& changes) {
  Advance(worker);
  changes.push_back({.order = order});
  const double work = absl::ToDoubleSeconds(jobs_.at(order).work);
  worker.computed.push_back({.order = order, .left = work});
}

void FleetModel::Refill(Worker& worker, std::vector<FleetChange>& changes) {
  std::vector<std::string> preferred = {worker.model};
  absl::Duration slack = terms_.affinity_slack;
  if (!terms_.prefers_loaded) preferred.clear();
  int visits = kMaxVisits;
  while (!worker.loading && !worker.pending.has_value() &&
         static_cast<int>(worker.computed.size()) < terms_.capacity) {
    const auto pick =
        queue_.Next({.models = models_, .preferred = preferred, .slack = slack}, &visits);
    if (!pick.has_value()) break;
    queue_.Take(*pick, models_);
    if (terms_.prefers_loaded) preferred = {pick->job.model};
    slack = terms_.fill_slack;
    if (pick->job.model == worker.model) {
      Begin(worker, pick->job.order, changes);
    } else {
      worker.pending = pick->job.order;
    }
  }
  if (worker.loading || !worker.pending.has_value() || !worker.computed.empty()) return;
  Advance(worker);
  worker.model = jobs_.at(*worker.pending).place.model;
  worker.loading = true;
  worker.loaded = now_ + absl::ToDoubleSeconds(terms_.load);
}

}  // namespace darkroom::scheduler
