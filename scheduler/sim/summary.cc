#include "scheduler/sim/summary.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace darkroom::scheduler::sim {
namespace {

constexpr double kStep = 1;  // seconds in which backlogs are taken not to change

// What a tenant had waiting and what it was given, by step.
struct History {
  std::string tier;
  std::int64_t weight = 1;
  std::vector<int> waiting;
  std::vector<double> given;  // device time
};

class Histories {
 public:
  Histories(const std::vector<Arrival>& arrivals, const Run& run, absl::Duration length)
      : steps_(static_cast<std::size_t>(absl::ToDoubleSeconds(length) / kStep)) {
    for (std::size_t i = 0; i < arrivals.size(); ++i) Add(arrivals[i], run.outcomes[i]);
  }

  // Jain's index and over how many tenants.
  std::pair<double, int> Jain() const {
    std::map<std::string, double> had;
    std::map<std::string, double> due;
    for (std::size_t step = 0; step < steps_; ++step) Divide(step, had, due);
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (const auto& [tenant, history] : tenants_) {
      const auto idle = std::count(history.waiting.begin(), history.waiting.end(), 0);
      if (static_cast<double>(idle) > (1 - kLeastBacklog) * static_cast<double>(steps_)) continue;
      const double part = had[tenant] / due[tenant];
      sum += part;
      squares += part * part;
      ++count;
    }
    return {count == 0 ? 1 : sum * sum / (count * squares), count};
  }

 private:
  void Add(const Arrival& arrival, const Outcome& outcome) {
    History& history = tenants_[arrival.tenant];
    if (history.waiting.empty()) {
      history = {arrival.tier, arrival.weight, std::vector<int>(steps_),
                 std::vector<double>(steps_)};
    }
    const double end = static_cast<double>(steps_) * kStep;
    const auto first =
        static_cast<std::size_t>(std::ceil(absl::ToDoubleSeconds(arrival.time) / kStep));
    const double leased = std::min(absl::ToDoubleSeconds(outcome.leased), end);
    for (std::size_t step = first; static_cast<double>(step + 1) * kStep <= leased; ++step) {
      ++history.waiting[step];
    }
    if (outcome.ended == absl::InfiniteDuration()) return;
    const double ended = absl::ToDoubleSeconds(outcome.ended);
    const double rate = absl::ToDoubleSeconds(outcome.charged) / (ended - leased);
    for (auto step = static_cast<std::size_t>(leased / kStep); step < steps_; ++step) {
      const double begin = static_cast<double>(step) * kStep;
      if (begin >= ended) break;
      history.given[step] += rate * (std::min(ended, begin + kStep) - std::max(leased, begin));
    }
  }

  // What the backlogged tenants were given in the step, and what would have been fair.
  void Divide(std::size_t step, std::map<std::string, double>& had,
              std::map<std::string, double>& due) const {
    std::map<std::string, int> tenants_of;
    std::map<std::string, std::int64_t> weight_of;
    double given = 0;
    for (const auto& [tenant, history] : tenants_) {
      if (history.waiting[step] == 0) continue;
      ++tenants_of[history.tier];
      weight_of[history.tier] = history.weight;
      given += history.given[step];
    }
    double weights = 0;
    for (const auto& [tier, weight] : weight_of) weights += static_cast<double>(weight);
    for (const auto& [tenant, history] : tenants_) {
      if (history.waiting[step] == 0) continue;
      had[tenant] += history.given[step];
      due[tenant] +=
          given * static_cast<double>(history.weight) / weights / tenants_of[history.tier];
    }
  }

  const std::size_t steps_;
  std::map<std::string, History> tenants_;
};

std::string ToJson(const Quantiles& quantiles) {
  return absl::StrFormat(R"({"count": %d, "p50": %.3f, "p90": %.3f, "max": %.3f})", quantiles.count,
                         quantiles.p50, quantiles.p90, quantiles.max);
}

double ErrorOf(absl::Duration promised, absl::Duration wait) {
  return std::abs(absl::FDivDuration(promised - wait, wait));
}

class ErrorLists {
 public:
  void Add(const Arrival& arrival, const Outcome& outcome) {
    const absl::Duration wait = outcome.leased - arrival.time;
    const bool known = outcome.undisturbed != absl::InfiniteDuration();
    if (known && outcome.undisturbed >= kLeastWait) {
      undisturbed_.push_back(ErrorOf(outcome.promised, outcome.undisturbed));
    }
    if (wait < kLeastWait) return;
    first_.push_back(ErrorOf(outcome.promised, wait));
    if (known) at_best_.push_back(ErrorOf(outcome.undisturbed, wait));
    if (outcome.foretold_begins.size() == 1) return;
    double sum = 0;
    for (const absl::Duration begin : outcome.foretold_begins) {
      sum += std::abs(absl::FDivDuration(begin - outcome.leased, wait));
    }
    renewed_.push_back(sum / static_cast<double>(outcome.foretold_begins.size()));
  }

  PromiseErrors Result() && {
    return {.undisturbed = QuantilesOf(std::move(undisturbed_)),
            .first = QuantilesOf(std::move(first_)),
            .first_at_best = QuantilesOf(std::move(at_best_)),
            .renewed = QuantilesOf(std::move(renewed_))};
  }

 private:
  std::vector<double> undisturbed_;
  std::vector<double> first_;
  std::vector<double> at_best_;
  std::vector<double> renewed_;
};

}  // namespace

Quantiles QuantilesOf(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto at = [&values](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
  };
  return {static_cast<int>(values.size()), at(0.5), at(0.9), values.back()};
}

Summary Summarise(const std::vector<Arrival>& arrivals, const Run& run,
                  const SimulationOptions& options) {
  Summary summary;
  std::map<std::string, std::vector<double>> waits;
  ErrorLists errors;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const Outcome& outcome = run.outcomes[i];
    if (outcome.leased == absl::InfiniteDuration()) continue;
    const absl::Duration wait = outcome.leased - arrivals[i].time;
    waits[arrivals[i].group].push_back(absl::ToDoubleSeconds(wait));
    if (outcome.ended != absl::InfiniteDuration()) ++summary.ended;
    errors.Add(arrivals[i], outcome);
  }
  for (auto& [group, values] : waits) summary.waits[group] = QuantilesOf(std::move(values));
  summary.promises = std::move(errors).Result();
  const absl::Duration time = options.length * options.fleet.workers;
  summary.useful_share = absl::FDivDuration(run.worked, time);
  summary.loading_share = absl::FDivDuration(run.loading, time);
  std::tie(summary.weighted_jain, summary.judged_tenants) =
      Histories(arrivals, run, options.length).Jain();
  return summary;
}

std::string ToJson(const Summary& summary) {
  const std::string waits =
      absl::StrJoin(summary.waits, ",\n", [](std::string* out, const auto& group) {
        absl::StrAppend(out, "    \"", group.first, "\": ", ToJson(group.second));
      });
  return absl::StrFormat(R"({
  "weighted_jain": %.4f,
  "judged_tenants": %d,
  "ended_jobs": %d,
  "useful_share": %.4f,
  "loading_share": %.4f,
  "wait_seconds": {
%s
  },
  "promise_error": {
    "undisturbed": %s,
    "first": %s,
    "first_at_best": %s,
    "renewed": %s
  }
}
)",
                         summary.weighted_jain, summary.judged_tenants, summary.ended,
                         summary.useful_share, summary.loading_share, waits,
                         ToJson(summary.promises.undisturbed), ToJson(summary.promises.first),
                         ToJson(summary.promises.first_at_best), ToJson(summary.promises.renewed));
}

}  // namespace darkroom::scheduler::sim
