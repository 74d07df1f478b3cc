// Alerts as they are deployed, over real processes and a real Prometheus: each fires while its
// fault is there and clears when it is mended. Minutes and hours of the rules are seconds here. How
// many bad ones are too many, and the alerts whose faults take longer to make, are in
// tests/prometheus/rules_test.yml.

#include <cstdlib>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "tests/integration/lanes.h"
#include "tests/integration/prometheus_server.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(180);
constexpr std::size_t kMaxBytes = 1 << 20;
// Nearly all of the time is waiting, so faults are made beside each other.
constexpr int kLanes = 4;

absl::StatusOr<std::string> HastyRules() {
  DARKROOM_ASSIGN_OR_RETURN(const std::string rules,
                            ReadFile("deploy/prometheus/rules/darkroom.yml", kMaxBytes));
  return absl::StrReplaceAll(rules, {{"[5m]", "[15s]"},
                                     {"[10m]", "[60s]"},
                                     {"[30m]", "[60s]"},
                                     {"[1h]", "[15s]"},
                                     {"[6h]", "[15s]"},
                                     {"for: 30s", "for: 1s"},
                                     {"for: 1m", "for: 1s"},
                                     {"for: 2m", "for: 1s"},
                                     {"for: 5m", "for: 1s"},
                                     {"for: 15m", "for: 1s"},
                                     {"_age_seconds) > 300", "_age_seconds) > 3"}});
}

// Where one fault is made.
class Site {
 public:
  static absl::StatusOr<std::unique_ptr<Site>> Start(absl::Duration step) {
    auto site = std::make_unique<Site>();
    DARKROOM_ASSIGN_OR_RETURN(site->stack_, Stack::StartWithMetrics(step));
    DARKROOM_ASSIGN_OR_RETURN(const std::string rules, HastyRules());
    DARKROOM_ASSIGN_OR_RETURN(site->prometheus_, PrometheusServer::Start(*site->stack_, rules));
    return site;
  }

  Stack& stack() { return *stack_; }

  // Queues a job; its id.
  absl::StatusOr<std::string> Queue(int steps, const std::string& prompt = "a red apple") {
    v1::CreateJobRequest request;
    *request.mutable_parameters() = PictureRequest(steps).parameters();
    request.mutable_parameters()->set_prompt(prompt);
    DARKROOM_ASSIGN_OR_RETURN(const v1::Job job, stack_->connection().jobs().Create(request));
    return job.name();
  }
  absl::Status QueueSome(int jobs, int steps, const std::string& prompt = "a red apple") {
    for (int i = 0; i < jobs; ++i) DARKROOM_RETURN_IF_ERROR(Queue(steps, prompt).status());
    return absl::OkStatus();
  }
  // Asks for such jobs twice a second, however that goes, until StopAsking.
  void KeepAsking(int steps, const std::string& prompt = "a red apple") {
    asking_ = std::jthread([this, steps, prompt](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        Queue(steps, prompt).status().IgnoreError();
        absl::SleepFor(absl::Milliseconds(500));
      }
    });
  }
  void StopAsking() { asking_ = std::jthread(); }
  // Until Prometheus has a series for it.
  absl::Status AwaitSeries(const std::string& expression) {
    return Eventually(kPatience, [&]() -> absl::Status {
      DARKROOM_ASSIGN_OR_RETURN(const auto series, prometheus_->Query(expression));
      return series.empty() ? absl::UnavailableError(expression) : absl::OkStatus();
    });
  }
  absl::Status AwaitRunning(int jobs) {
    return AwaitSeries(absl::StrCat("max(darkroom_running_jobs) == ", jobs));
  }

  // All of the alerts fire, or none does.
  absl::Status AwaitFiring(const std::vector<std::string>& alerts) { return Await(alerts, true); }
  absl::Status AwaitQuiet(const std::vector<std::string>& alerts) { return Await(alerts, false); }

 private:
  absl::Status Await(const std::vector<std::string>& alerts, bool firing) {
    return Eventually(kPatience, [&]() -> absl::Status {
      DARKROOM_ASSIGN_OR_RETURN(const std::set<std::string> fire, prometheus_->Firing());
      for (const std::string& alert : alerts) {
        if (fire.contains(alert) == firing) continue;
        return absl::UnavailableError(absl::StrCat(alert, firing ? " does not fire" : " fires",
                                                   "; firing: ", absl::StrJoin(fire, ", ")));
      }
      return absl::OkStatus();
    });
  }

  std::unique_ptr<Stack> stack_;
  std::unique_ptr<PrometheusServer> prometheus_;
  std::jthread asking_;
};

struct Fault {
  const char* name;
  std::vector<std::string> alerts;
  absl::Status (*make)(Site&);
  absl::Status (*mend)(Site&);
  absl::Duration step = absl::Milliseconds(20);
};

absl::Status LoseWorker(Site& site) {
  site.stack().Kill(Part::kWorker);
  return site.QueueSome(2, 4);
}
absl::Status BringWorker(Site& site) { return site.stack().Run(Part::kWorker); }

absl::Status LoseScheduler(Site& site) {
  site.stack().Kill(Part::kScheduler);
  return absl::OkStatus();
}
absl::Status BringScheduler(Site& site) { return site.stack().Run(Part::kScheduler); }

// Calls end with UNAVAILABLE meanwhile.
absl::Status LoseRedis(Site& site) {
  DARKROOM_RETURN_IF_ERROR(site.QueueSome(1, 1));
  site.stack().Kill(Part::kRedis);
  site.KeepAsking(1);
  return absl::OkStatus();
}
absl::Status BringRedis(Site& site) {
  site.StopAsking();
  return site.stack().Run(Part::kRedis);
}

absl::Status SetMemory(Site& site, const char* bytes) {
  const cli::HostPort& redis = site.stack().redis();
  const std::string command =
      absl::StrCat("redis-cli -h ", redis.host, " -p ", redis.port, " CONFIG SET maxmemory ", bytes,
                   " > ", (site.stack().folder() / "redis-cli.log").string());
  return std::system(command.c_str()) == 0 ? absl::OkStatus() : absl::InternalError(command);
}
absl::Status TakeMemory(Site& site) { return SetMemory(site, "1mb"); }
absl::Status GiveMemory(Site& site) { return SetMemory(site, "64mb"); }

// Four jobs are lost with each of two workers.
absl::Status LoseWorkersWithJobs(Site& site) {
  DARKROOM_RETURN_IF_ERROR(site.QueueSome(4, 150));
  DARKROOM_RETURN_IF_ERROR(site.AwaitRunning(4));
  site.stack().Kill(Part::kWorker);
  DARKROOM_RETURN_IF_ERROR(site.AwaitFiring({"DarkroomLeasesLost"}));
  DARKROOM_RETURN_IF_ERROR(site.AwaitRunning(0));  // the pool is read every five seconds
  DARKROOM_RETURN_IF_ERROR(site.stack().Run(Part::kWorker));
  DARKROOM_RETURN_IF_ERROR(site.AwaitRunning(4));
  site.stack().Kill(Part::kWorker);
  return absl::OkStatus();
}

// What rises before it was first seen has not risen.
absl::Status FailJobs(Site& site) {
  DARKROOM_RETURN_IF_ERROR(site.QueueSome(1, 1));
  DARKROOM_RETURN_IF_ERROR(site.AwaitSeries("darkroom_worker_jobs_total{outcome=\"failed\"}"));
  site.KeepAsking(2, kPoisonedWord);
  return absl::OkStatus();
}
absl::Status StopFailing(Site& site) {
  site.StopAsking();
  return absl::OkStatus();
}

// Its step takes an hour.
absl::Status StickWorker(Site& site) { return site.QueueSome(1, 4); }
absl::Status ReplaceWorker(Site& site) {
  site.stack().Kill(Part::kWorker);
  return site.stack().Run(Part::kWorker);
}

const std::vector<Fault>& AllFaults() {
  static const auto* faults = new std::vector<Fault>{
      {"LoseWorkersWithJobs",
       {"DarkroomDeadLetters"},
       LoseWorkersWithJobs,
       BringWorker,
       absl::Seconds(1)},
      {"LoseWorker",
       {"DarkroomNoWorkerForModel", "DarkroomProcessDown", "DarkroomQueueOld"},
       LoseWorker,
       BringWorker},
      {"StickWorker", {"DarkroomWorkerStuck"}, StickWorker, ReplaceWorker, absl::Hours(1)},
      {"LoseRedis", {"DarkroomRedisDown", "DarkroomCallErrorsFast"}, LoseRedis, BringRedis},
      {"LoseScheduler", {"DarkroomSchedulerGone"}, LoseScheduler, BringScheduler},
      {"FailJobs", {"DarkroomJobErrorsFast", "DarkroomJobErrorsSlow"}, FailJobs, StopFailing},
      {"TakeMemory", {"DarkroomRedisMemory"}, TakeMemory, GiveMemory},
  };
  return *faults;
}

absl::Status MakeAndMend(const Fault& fault, Site& site) {
  DARKROOM_RETURN_IF_ERROR(site.AwaitQuiet(fault.alerts));
  DARKROOM_RETURN_IF_ERROR(fault.make(site));
  DARKROOM_RETURN_IF_ERROR(site.AwaitFiring(fault.alerts));
  DARKROOM_RETURN_IF_ERROR(fault.mend(site));
  return site.AwaitQuiet(fault.alerts);
}

// What is to be said against the alerts of a fault; empty when nothing is.
std::string Complaint(const Fault& fault) {
  const absl::StatusOr<std::unique_ptr<Site>> site = Site::Start(fault.step);
  if (!site.ok()) return absl::StrCat(fault.name, ": ", site.status().ToString());
  const absl::Status status = MakeAndMend(fault, **site);
  if (status.ok()) return "";
  return absl::StrCat(fault.name, ": ", status.ToString(), "\n", (*site)->stack().Logs());
}

TEST(AlertsTest, EachFiresWithItsFaultAndClearsWithoutIt) {
  const std::vector<std::string> complaints = ComplaintsInLanes(
      AllFaults().size(), kLanes, [](std::size_t i) { return Complaint(AllFaults()[i]); });
  for (const std::string& complaint : complaints) EXPECT_EQ(complaint, "");
}

}  // namespace
}  // namespace darkroom::testing
