#include "scheduler/sim/workload.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"

namespace darkroom::scheduler::sim {
namespace {

constexpr double kWorkSpread = 0.6;  // standard deviation of log(work)
constexpr int kHeavyJobs = 10'000;
constexpr int kLightTenants = 50;
constexpr int kLightJobs = 100;
constexpr int kTierJobs = 4'000;
constexpr absl::Duration kLightReturns = absl::Minutes(10);

class Generator {
 public:
  explicit Generator(const WorkloadOptions& options) : options_(options), random_(options.seed) {
    std::vector<double> popularity;
    for (int i = 0; i < options.models; ++i) popularity.push_back(1.0 / (i + 1));
    model_ = std::discrete_distribution<int>(popularity.begin(), popularity.end());
  }

  Arrival Job(absl::Duration time, std::string tenant, std::string group) {
    const double spread = std::exp(kWorkSpread * normal_(random_) - kWorkSpread * kWorkSpread / 2);
    const absl::Duration work = options_.mean_work * spread;
    return {.time = time,
            .tier = "standard",
            .tenant = std::move(tenant),
            .group = std::move(group),
            .model = absl::StrCat("model-", model_(random_)),
            .work = work,
            .foretold = work * std::exp(options_.prediction_error * normal_(random_))};
  }

  // The heavy tenant's.
  std::vector<Arrival> Heavy() {
    std::vector<Arrival> jobs;
    for (int i = 0; i < kHeavyJobs; ++i) jobs.push_back(Job({}, "heavy", "heavy"));
    return jobs;
  }

  std::vector<Arrival> HeavyAgainstBacklogged() {
    std::vector<Arrival> jobs = Heavy();
    for (int i = 0; i < kLightTenants * kLightJobs; ++i) {
      jobs.push_back(Job({}, absl::StrCat("light-", i % kLightTenants), "light"));
    }
    return jobs;
  }

  std::vector<Arrival> HeavyAgainstOccasional() {
    std::vector<Arrival> jobs = Heavy();
    for (int i = 0; i < kLightTenants; ++i) {
      for (absl::Duration time = Pause(kLightReturns); time < options_.length;
           time += Pause(kLightReturns)) {
        jobs.push_back(Job(time, absl::StrCat("light-", i), "light"));
      }
    }
    return jobs;
  }

  std::vector<Arrival> BackloggedTiers() {
    std::vector<Arrival> jobs;
    for (int i = 0; i < options_.tenants * kTierJobs; ++i) {
      jobs.push_back(JobOfTier({}, i % options_.tenants));
    }
    return jobs;
  }

  std::vector<Arrival> Mixed() {
    std::vector<double> activity;
    for (int i = 0; i < options_.tenants; ++i) activity.push_back(1.0 / (i + 1));
    std::shuffle(activity.begin(), activity.end(), random_);
    std::discrete_distribution<int> tenant(activity.begin(), activity.end());
    const absl::Duration pause = options_.mean_work / (options_.load * options_.workers);
    std::vector<Arrival> jobs;
    for (absl::Duration time = Pause(pause); time < options_.length; time += Pause(pause)) {
      const int who = tenant(random_);
      jobs.push_back(JobOfTier(time, who));
    }
    return jobs;
  }

 private:
  Arrival JobOfTier(absl::Duration time, int tenant) {
    const int tenth = tenant % 10;
    const auto [tier, weight] = tenth == 0   ? std::pair("gold", 8)
                                : tenth <= 3 ? std::pair("silver", 3)
                                             : std::pair("free", 1);
    Arrival job = Job(time, absl::StrCat("tenant-", tenant), tier);
    job.tier = tier;
    job.weight = weight;
    return job;
  }

  absl::Duration Pause(absl::Duration mean) { return mean * exponential_(random_); }

  const WorkloadOptions& options_;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  std::exponential_distribution<double> exponential_;
  std::discrete_distribution<int> model_;
};

absl::Status Check(const WorkloadOptions& options) {
  if (options.tenants < 1) return absl::InvalidArgumentError("there must be a tenant");
  if (options.models < 1 || options.models > 32) {
    return absl::InvalidArgumentError("there must be 1 to 32 models");
  }
  if (!(options.load > 0)) return absl::InvalidArgumentError("the load must be above 0");
  if (options.workers < 1) return absl::InvalidArgumentError("there must be a worker");
  if (options.mean_work <= absl::ZeroDuration() || options.length <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("the length and the mean work must be above 0");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Arrival>> MakeWorkload(const WorkloadOptions& options) {
  if (absl::Status status = Check(options); !status.ok()) return status;
  Generator generator(options);
  std::vector<Arrival> jobs;
  if (options.scenario == "heavy") {
    jobs = generator.HeavyAgainstBacklogged();
  } else if (options.scenario == "burst") {
    jobs = generator.HeavyAgainstOccasional();
  } else if (options.scenario == "tiers") {
    jobs = generator.BackloggedTiers();
  } else if (options.scenario == "mixed") {
    jobs = generator.Mixed();
  } else {
    return absl::InvalidArgumentError(absl::StrCat("there is no scenario \"", options.scenario,
                                                   "\"; there are heavy, burst, tiers and mixed"));
  }
  std::stable_sort(jobs.begin(), jobs.end(),
                   [](const Arrival& a, const Arrival& b) { return a.time < b.time; });
  return jobs;
}

}  // namespace darkroom::scheduler::sim
