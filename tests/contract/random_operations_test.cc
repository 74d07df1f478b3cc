// The in-memory store is the model: whatever is done, Redis must answer the same.

#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/contract/calls.h"
#include "tests/contract/new_job.h"
#include "tests/contract/stores.h"

namespace darkroom::scheduler {
namespace {

// Everything of a job but its times, as text.
std::string Describe(const JobSnapshot& job) {
  return absl::StrCat(job.id, " ", job.tenant, " ", job.tier, " ", job.model, " ",
                      StateName(job.state), " fence ", job.fence, " attempts ", job.attempts,
                      " cancel ", job.cancel_requested, " worker ", job.worker, " failure ",
                      job.failure.reason, " result ", job.result, " took ",
                      absl::FormatDuration(job.device_time), " position ", job.position, " ahead ",
                      absl::FormatDuration(job.cost_ahead), " done ",
                      absl::FormatDuration(job.throughput.done), " sequence ", job.last_sequence);
}
std::string Describe(const SubmitOutcome& outcome) {
  return absl::StrCat(outcome.created, " ", Describe(outcome.job));
}
std::string Describe(const JobPage& page) {
  std::string text = absl::StrCat("next ", page.next);
  for (const JobSnapshot& job : page.jobs) absl::StrAppend(&text, "\n", Describe(job));
  return text;
}
std::string Describe(const QueueDepth& depth) {
  return absl::StrCat(depth.queued, " ", depth.running, " ", depth.dead, " ",
                      absl::FormatDuration(depth.queued_cost));
}
std::string Describe(const ReapReport& report) {
  return absl::StrCat(report.requeued, " ", report.dead, " ", report.expired, " ", report.adopted,
                      " ", report.more);
}
std::string Describe(const std::vector<LeasedJob>& jobs) {
  std::string text;
  for (const LeasedJob& job : jobs) {
    absl::StrAppend(&text, job.id, " ", job.fence, " ", job.attempt, " ", job.model, "\n");
  }
  return text;
}
std::string Describe(const std::vector<LeaseStatus>& statuses) {
  return absl::StrJoin(statuses, " ", [](std::string* out, LeaseStatus status) {
    absl::StrAppend(out, static_cast<int>(status));
  });
}
std::string Describe(const std::vector<JobEvent>& events) {
  std::string text;
  for (const JobEvent& event : events) {
    absl::StrAppend(&text, event.sequence, ":", event.body.index(), " ");
  }
  return text;
}
std::string Describe(const absl::Status& status) {
  return std::string(absl::StatusCodeToString(status.code()));
}
template <typename T>
std::string Describe(const absl::StatusOr<T>& result) {
  return result.ok() ? Describe(*result) : Describe(result.status());
}

// What one operation is and does is read off its numbers, so that RapidCheck can leave out
// operations and make numbers smaller until only what matters is left of a sequence that fails.
using Numbers = std::array<std::uint8_t, 12>;

class BothStores {
 public:
  void Do(const Numbers& numbers) {
    numbers_ = numbers;
    next_ = 0;
    Step();
    Both("depth", [](auto& calls) { return calls.Depth(); });
  }

  void CompareAll() {
    for (const JobId& id : ids_) {
      for (const std::string& tenant : kTenants) {
        Both("final job", [&](auto& calls) { return calls.Get(tenant, id); });
      }
      Both("final events", [&](auto& calls) { return calls.Read(id, 0); });
    }
    // What is left shows the order, tags and clocks and all.
    LeaseRequest request = {
        .worker = "worker-1", .models = kModels, .limit = 100, .spec_version = 2};
    Both("the rest", [&](auto& calls) { return calls.Acquire(request); });
  }

 private:
  // Does the same on both stores; fails when the answers differ.
  template <typename Operation>
  void Both(absl::string_view name, Operation operation) {
    (void)Agreed(name, operation);
  }
  // The same, for the model's answer.
  template <typename Operation>
  auto Agreed(absl::string_view name, Operation operation) {
    auto expected = operation(model_);
    const std::string redis = Describe(operation(redis_));
    if (redis != Describe(expected)) {
      RC_FAIL(absl::StrCat(name, ": Redis says\n", redis, "\nand the model\n", Describe(expected)));
    }
    return expected;
  }

  std::size_t Below(std::size_t limit) { return numbers_[next_++ % numbers_.size()] % limit; }
  template <typename T>
  const T& Any(const std::vector<T>& values) {
    return values[Below(values.size())];
  }

  void Submit() {
    const std::size_t tenant = Below(kTenants.size());
    Submission submission = NewJob(kTenants[tenant], Any(kModels));
    submission.id = absl::StrFormat("%032x", ++last_id_);
    submission.cost = absl::Milliseconds(25 * Below(200));
    const bool pays = tenant == 0;
    submission.terms = {.tier = pays ? "pro" : "free", .weight = pays ? 7 : 2};
    submission.terms.max_running = pays ? 0 : 2;
    submission.terms.max_queued = 12;
    if (tenant == 1) submission.terms.daily_device_time = absl::Seconds(40);
    if (Below(3) == 2) {
      submission.request_id = absl::StrCat("r", Below(20));
      submission.request_digest = absl::StrCat("d", Below(5) == 0);
    }
    if (Below(6) == 5) submission.deadline = absl::FromUnixSeconds(1);
    if (Below(8) == 7) submission.spec_version = 2;
    submission.max_queued = 25;
    if (Below(4) == 3) Both("foresee", [&](auto& calls) { return calls.Foresee(submission); });
    Both("submit", [&](auto& calls) { return calls.Submit(submission); });
    ids_.push_back(submission.id);
  }

  void Acquire() {
    LeaseRequest request = {.worker = "worker-1",
                            .models = kModels,
                            .limit = static_cast<int>(1 + Below(4)),
                            .affinity_slack = absl::Seconds(Below(6)),
                            .fill_slack = absl::Seconds(Below(4)),
                            .spec_version = static_cast<std::uint32_t>(1 + Below(2))};
    std::rotate(request.models.begin(), request.models.begin() + Below(3), request.models.end());
    request.models.resize(1 + Below(request.models.size()));
    request.resident = static_cast<int>(Below(request.models.size() + 1));
    if (tokens_.empty() || Below(4) > 0) tokens_.push_back(absl::StrFormat("%032x", ++last_id_));
    request.token = Below(2) > 0 ? tokens_.back() : Any(tokens_);
    const auto leased = Agreed("acquire", [&](auto& calls) { return calls.Acquire(request); });
    for (const LeasedJob& job : leased.value()) leases_.push_back(KeyOf(job));
  }

  void Finish() {
    const absl::Duration took = absl::Milliseconds(40 * Below(250));
    const std::array<JobOutcome, 5> outcomes = {
        Succeeded{"r", took}, Failed{{"BROKEN", "m"}, false, took},
        Failed{{"CRASHED", "m"}, true, took}, Cancelled{took}, Expired{took}};
    const JobOutcome& outcome = outcomes[Below(outcomes.size())];
    const LeaseKey key = Any(leases_);
    Both("finish", [&](auto& calls) { return calls.Finish(key, outcome); });
  }

  void Step() {
    const std::size_t choice = Below(22);
    if (ids_.empty() || choice < 7) return Submit();
    if (choice < 11) return Acquire();
    if (choice == 11 && Below(4) == 0) Both("reap", [](auto& calls) { return calls.Reap(2); });
    const std::string tenant = Any(kTenants);
    const JobId id = Any(ids_);
    if (choice == 12) Both("cancel", [&](auto& calls) { return calls.Cancel(tenant, id); });
    if (choice == 13) Both("get", [&](auto& calls) { return calls.Get(tenant, id); });
    if (choice == 14) Both("list", [&](auto& calls) { return calls.List(tenant, "", 5); });
    if (choice == 15) Both("read", [&](auto& calls) { return calls.Read(id, 2, 4); });
    if (leases_.empty() || choice < 16) return;
    if (choice < 19) return Finish();
    const LeaseKey key = Any(leases_);
    if (choice == 19) Both("release", [&](auto& calls) { return calls.Release(key); });
    if (choice == 20) Both("renew", [&](auto& calls) { return calls.Renew({key}); });
    if (choice == 21) {
      Both("append", [&](auto& calls) { return calls.Append(key, PreviewEvent{}); });
    }
  }

  inline static const std::vector<std::string> kTenants = {"alice", "bob", "carol"};
  inline static const std::vector<std::string> kModels = {"a", "b", "c"};

  Numbers numbers_ = {};
  std::size_t next_ = 0;
  int last_id_ = 0;
  std::vector<JobId> ids_;
  std::vector<LeaseKey> leases_;  // also those that have ended
  std::vector<std::string> tokens_;
  InMemoryStore model_store_{PoolOptions()};
  RedisStore redis_store_{PoolOptions()};
  Calls<InMemoryStore> model_{&model_store_};
  Calls<RedisStore> redis_{&redis_store_};
};

// The same sequences in every run, so that a change is told from chance; RC_PARAMS="seed=N
// max_success=M" in the environment asks for others.
TEST(RandomOperations, RedisAnswersAsTheModelDoes) {
  setenv("RC_PARAMS", "seed=1 max_success=40", /*overwrite=*/0);
  EXPECT_TRUE(rc::check([] {
    const auto operations = *rc::gen::scale(4.0, rc::gen::arbitrary<std::vector<Numbers>>());
    BothStores stores;
    for (const Numbers& numbers : operations) stores.Do(numbers);
    stores.CompareAll();
  }));
}

}  // namespace
}  // namespace darkroom::scheduler
