#include "scheduler/sim/simulation.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "scheduler/core/throughput.h"
#include "scheduler/core/wait_forecast.h"

namespace darkroom::scheduler::sim {
namespace {

constexpr double kLearningRate = 0.02;  // of what a job is charged, beside what was foretold
constexpr absl::Duration kUnbounded = absl::Hours(24 * 365);
constexpr int kMostChanges = 1000;     // of one forecast
constexpr std::int64_t kSampled = 20;  // jobs of a deep queue whose promises are renewed at once

FleetTerms TermsOf(const SimulationOptions& options) {
  FleetTerms terms = options.fleet;
  if (options.order == Order::kFair) return terms;
  terms.prefers_loaded = options.order == Order::kLoadedFirst;
  terms.affinity_slack = terms.fill_slack = kUnbounded;
  return terms;
}

std::vector<std::string> ModelsOf(const std::vector<Arrival>& arrivals) {
  std::set<std::string> models;
  for (const Arrival& arrival : arrivals) models.insert(arrival.model);
  return {models.begin(), models.end()};
}

class Simulation {
 public:
  Simulation(const std::vector<Arrival>& arrivals, const SimulationOptions& options)
      : arrivals_(arrivals), options_(options), fleet_(TermsOf(options), ModelsOf(arrivals)) {
    run_.outcomes.resize(arrivals.size());
    places_.resize(arrivals.size());
  }

  Run Finish() {
    std::size_t next = 0;
    absl::Duration refresh = kRefresh;
    while (true) {
      const absl::Duration arrival =
          next < arrivals_.size() ? arrivals_[next].time : absl::InfiniteDuration();
      const absl::Duration time = std::min({arrival, refresh, fleet_.NextChange()});
      if (time >= options_.length) break;
      MoveTo(time);
      if (time == refresh) {
        Refresh();
        refresh += kRefresh;
      } else if (time == arrival) {
        Queue(next++);
      }
    }
    MoveTo(options_.length);
    run_.worked = fleet_.worked();
    run_.computing = fleet_.computing();
    run_.loading = fleet_.loading();
    return std::move(run_);
  }

 private:
  void MoveTo(absl::Duration time) {
    if (!waiting_.empty()) throughput_.Pass(time - fleet_.now());
    Note(fleet_.AdvanceTo(time));
  }

  void Note(const std::vector<FleetChange>& changes) {
    for (const FleetChange& change : changes) {
      const auto index = static_cast<std::size_t>(change.order - 1);
      Outcome& outcome = run_.outcomes[index];
      if (!change.ended) {
        outcome.leased = fleet_.now();
        waiting_.erase(change.order);
        continue;
      }
      outcome.ended = fleet_.now();
      outcome.charged = change.charged;
      if (!waiting_.empty()) throughput_.Pass({}, places_[index].cost);
      learned_ += kLearningRate *
                  (absl::FDivDuration(change.charged, arrivals_[index].foretold) - learned_);
      --jobs_;
    }
  }

  void Queue(std::size_t index) {
    const Arrival& arrival = arrivals_[index];
    const bool fair = options_.order == Order::kFair;
    FairJob& place = places_[index];
    place = {.order = static_cast<std::int64_t>(index) + 1,
             .tier = fair ? arrival.tier : "all",
             .weight = fair ? arrival.weight : 1,
             .tenant = fair ? arrival.tenant : "everybody",
             .model = arrival.model,
             .cost = absl::Trunc(arrival.foretold * learned_, absl::Microseconds(1))};
    waiting_.insert(place.order);
    ++jobs_;
    Note(fleet_.Submit({.place = place, .work = arrival.work, .foretold = arrival.foretold}));
    Outcome& outcome = run_.outcomes[index];
    if (!waiting_.contains(place.order)) {
      outcome.undisturbed = absl::ZeroDuration();
      outcome.foretold_begins = {fleet_.now()};
      return;
    }
    if (jobs_ <= kMostUndisturbed) {
      const auto waits = ForecastWaits(fleet_, kMostChanges);
      if (const auto found = waits.find(place.order); found != waits.end()) {
        outcome.undisturbed = found->second;
      }
    }
    Promise(place, Forecast());
    outcome.promised = outcome.foretold_begins.front() - fleet_.now();
  }

  using Waits = std::map<std::int64_t, absl::Duration>;

  Waits Forecast() const {
    return jobs_ <= options_.most_forecast ? ForecastWaits(fleet_.Foretold(), kMostChanges)
                                           : Waits();
  }

  // Of all jobs that wait, or a sample where there are very many.
  void Refresh() {
    if (waiting_.empty()) return;
    const Waits waits = Forecast();
    const std::int64_t stride =
        waits.empty() ? 1 + static_cast<std::int64_t>(waiting_.size()) / kSampled : 1;
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      if (*it % stride == 0) Promise(places_[static_cast<std::size_t>(*it - 1)], waits);
      it = waiting_.lower_bound((*it / stride + 1) * stride);
    }
  }

  void Promise(const FairJob& place, const Waits& waits) {
    const auto found = waits.find(place.order);
    const absl::Duration wait = found != waits.end() ? found->second : ByThroughput(place);
    run_.outcomes[static_cast<std::size_t>(place.order - 1)].foretold_begins.push_back(
        fleet_.now() + wait);
  }

  absl::Duration ByThroughput(const FairJob& place) const {
    return throughput_.WaitFor(fleet_.AheadOf(place.order), options_.fleet.workers) +
           fleet_.UntilRoom();
  }

  const std::vector<Arrival>& arrivals_;
  const SimulationOptions& options_;
  FleetModel fleet_;
  std::vector<FairJob> places_;
  std::set<std::int64_t> waiting_;  // orders of jobs that have not begun
  int jobs_ = 0;                    // waiting or running
  Throughput throughput_;
  double learned_ = 1;  // charge of a job over what was foretold
  Run run_;
};

}  // namespace

Run Simulate(const std::vector<Arrival>& arrivals, const SimulationOptions& options) {
  return Simulation(arrivals, options).Finish();
}

}  // namespace darkroom::scheduler::sim
