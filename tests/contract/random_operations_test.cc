// The in-memory store is the model: whatever is done, Redis must answer the same.

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/contract/calls.h"
#include "tests/contract/contract_test.h"
#include "tests/contract/stores.h"

namespace darkroom::scheduler {
namespace {

// Everything of a job but its times, as text.
std::string Describe(const JobSnapshot& job) {
  return absl::StrCat(job.id, " ", job.tenant, " ", job.model, " ", StateName(job.state), " fence ",
                      job.fence, " attempts ", job.attempts, " cancel ", job.cancel_requested,
                      " worker ", job.worker, " failure ", job.failure.reason, " result ",
                      job.result, " took ", absl::FormatDuration(job.device_time), " position ",
                      job.position, " ahead ", absl::FormatDuration(job.cost_ahead), " sequence ",
                      job.last_sequence);
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
  return absl::StrCat(report.requeued, " ", report.dead, " ", report.expired, " ", report.more);
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

class RandomOperations : public testing::TestWithParam<unsigned> {
 protected:
  // Does the same on both stores; fails when the answers differ.
  template <typename Operation>
  void Both(absl::string_view name, Operation operation) {
    (void)Agreed(name, operation);
  }
  // The same, for the model's answer.
  template <typename Operation>
  auto Agreed(absl::string_view name, Operation operation) {
    auto expected = operation(model_);
    EXPECT_EQ(Describe(operation(redis_)), Describe(expected)) << name << ", step " << step_;
    return expected;
  }

  std::size_t Below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }
  template <typename T>
  const T& Any(const std::vector<T>& values) {
    return values[Below(values.size())];
  }

  void Submit() {
    Submission submission = NewJob(Any(tenants_), Any(models_));
    submission.id = absl::StrFormat("%032x", ++last_id_);
    submission.cost = absl::Milliseconds(Below(5000));
    if (Below(3) == 0) {
      submission.request_id = absl::StrCat("r", Below(20));
      submission.request_digest = absl::StrCat("d", Below(5) == 0);
    }
    if (Below(6) == 0) submission.deadline = absl::FromUnixSeconds(1);
    submission.max_queued = 25;
    Both("submit", [&](auto& calls) { return calls.Submit(submission); });
    ids_.push_back(submission.id);
  }

  void Acquire() {
    std::vector<std::string> models = models_;
    std::shuffle(models.begin(), models.end(), random_);
    models.resize(1 + Below(models.size()));
    const int limit = static_cast<int>(1 + Below(4));
    const auto leased =
        Agreed("acquire", [&](auto& calls) { return calls.Acquire(models, limit); });
    for (const LeasedJob& job : leased.value()) leases_.push_back(KeyOf(job));
  }

  void Finish() {
    const std::array<JobOutcome, 5> outcomes = {
        Succeeded{"r", absl::Seconds(Below(9))}, Failed{{"BROKEN", "m"}},
        Failed{{"CRASHED", "m"}, true}, Cancelled{}, Expired{}};
    const JobOutcome& outcome = outcomes[Below(outcomes.size())];
    const LeaseKey key = Any(leases_);
    Both("finish", [&](auto& calls) { return calls.Finish(key, outcome); });
  }

  void Step() {
    const std::string tenant = Any(tenants_);
    const std::size_t choice = Below(20);
    if (ids_.empty() || choice < 6) return Submit();
    const JobId id = Any(ids_);
    if (choice == 6) Both("cancel", [&](auto& calls) { return calls.Cancel(tenant, id); });
    if (choice == 7) Both("get", [&](auto& calls) { return calls.Get(tenant, id); });
    if (choice == 8) Both("list", [&](auto& calls) { return calls.List(tenant, "", 5); });
    if (choice == 9) Both("read", [&](auto& calls) { return calls.Read(id, 2, 4); });
    if (choice == 10 && Below(4) == 0) Both("reap", [](auto& calls) { return calls.Reap(2); });
    if (choice >= 11 && choice < 14) Acquire();
    if (leases_.empty() || choice < 14) return;
    if (choice < 17) return Finish();
    const LeaseKey key = Any(leases_);
    if (choice == 17) Both("release", [&](auto& calls) { return calls.Release(key); });
    if (choice == 18) Both("renew", [&](auto& calls) { return calls.Renew({key}); });
    if (choice == 19) {
      Both("append", [&](auto& calls) { return calls.Append(key, PreviewEvent{}); });
    }
  }

  const std::vector<std::string> tenants_ = {"alice", "bob"};
  const std::vector<std::string> models_ = {"a", "b", "c"};
  std::mt19937 random_{GetParam()};
  int step_ = 0;
  int last_id_ = 0;
  std::vector<JobId> ids_;
  std::vector<LeaseKey> leases_;  // also those that have ended
  InMemoryStore model_store_{PoolOptions()};
  RedisStore redis_store_{PoolOptions()};
  Calls<InMemoryStore> model_{&model_store_};
  Calls<RedisStore> redis_{&redis_store_};
};

TEST_P(RandomOperations, RedisAnswersAsTheModelDoes) {
  for (step_ = 0; step_ < 400 && !HasFailure(); ++step_) {
    Step();
    Both("depth", [](auto& calls) { return calls.Depth(); });
  }
  for (const JobId& id : ids_) {
    for (const std::string& tenant : tenants_) {
      Both("final job", [&](auto& calls) { return calls.Get(tenant, id); });
    }
    Both("final events", [&](auto& calls) { return calls.Read(id, 0); });
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomOperations, testing::Values(1u, 2u, 3u, 4u, 5u));

}  // namespace
}  // namespace darkroom::scheduler
