#ifndef DARKROOM_TESTS_CONTRACT_CALLS_H_
#define DARKROOM_TESTS_CONTRACT_CALLS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/await.h"
#include "scheduler/core/event_bus.h"
#include "scheduler/core/job_queue.h"
#include "scheduler/core/lease_store.h"
#include "scheduler/core/model_registry.h"
#include "scheduler/core/result_store.h"

namespace darkroom::scheduler {

// The operations of a store, each waiting for its outcome.
template <typename Store>
class Calls {
 public:
  explicit Calls(Store* store) : store_(*store) {}

  absl::StatusOr<SubmitOutcome> Submit(Submission submission) {
    return For<SubmitOutcome>(
        [&](auto done) { store_.jobs().Submit(std::move(submission), std::move(done)); });
  }
  absl::StatusOr<JobSnapshot> Foresee(Submission submission) {
    return For<JobSnapshot>(
        [&](auto done) { store_.jobs().Foresee(std::move(submission), std::move(done)); });
  }
  absl::StatusOr<JobSnapshot> Get(const std::string& tenant, const std::string& id) {
    return For<JobSnapshot>([&](auto done) { store_.jobs().Get(tenant, id, std::move(done)); });
  }
  absl::StatusOr<JobPage> List(const std::string& tenant, const std::string& after, int limit) {
    return For<JobPage>(
        [&](auto done) { store_.jobs().List(tenant, after, limit, std::move(done)); });
  }
  absl::StatusOr<JobSnapshot> Cancel(const std::string& tenant, const std::string& id) {
    return For<JobSnapshot>([&](auto done) { store_.jobs().Cancel(tenant, id, std::move(done)); });
  }
  absl::StatusOr<std::vector<TierDepth>> DepthByTier() {
    return For<std::vector<TierDepth>>(
        [&](auto done) { store_.jobs().DepthByTier(std::move(done)); });
  }
  absl::StatusOr<QueueDepth> Depth() {
    return For<QueueDepth>([&](auto done) { store_.jobs().Depth(std::move(done)); });
  }

  absl::StatusOr<std::vector<LeasedJob>> Acquire(LeaseRequest request) {
    return For<std::vector<LeasedJob>>(
        [&](auto done) { store_.leases().Acquire(std::move(request), std::move(done)); });
  }
  // Without any slack.
  absl::StatusOr<std::vector<LeasedJob>> Acquire(std::vector<std::string> models, int limit,
                                                 std::string worker = "worker-1",
                                                 std::string token = "") {
    return Acquire({.worker = std::move(worker),
                    .models = std::move(models),
                    .limit = limit,
                    .affinity_slack = absl::ZeroDuration(),
                    .fill_slack = absl::ZeroDuration(),
                    .token = std::move(token)});
  }
  absl::StatusOr<std::vector<LeaseStatus>> Renew(std::vector<LeaseKey> keys) {
    return For<std::vector<LeaseStatus>>(
        [&](auto done) { store_.leases().Renew(std::move(keys), std::move(done)); });
  }
  absl::Status Finish(LeaseKey key, JobOutcome outcome) {
    return ForDone([&](Done done) {
      store_.leases().Finish(std::move(key), std::move(outcome), std::move(done));
    });
  }
  absl::Status Release(LeaseKey key) {
    return ForDone([&](Done done) { store_.leases().Release(std::move(key), std::move(done)); });
  }
  absl::StatusOr<ReapReport> Reap(int limit = 100) {
    return For<ReapReport>([&](auto done) { store_.leases().Reap(limit, std::move(done)); });
  }

  absl::Status Append(LeaseKey key, WorkerEvent event) {
    return ForDone([&](Done done) {
      store_.events().Append(std::move(key), std::move(event), std::move(done));
    });
  }
  absl::StatusOr<std::vector<JobEvent>> Read(const std::string& id, std::int64_t after,
                                             int limit = 1000) {
    return For<std::vector<JobEvent>>(
        [&](auto done) { store_.events().Read(id, after, limit, std::move(done)); });
  }
  absl::Status PutPreview(LeaseKey key, int image, std::string jpeg) {
    return ForDone([&](Done done) {
      store_.events().PutPreview(std::move(key), image, std::move(jpeg), std::move(done));
    });
  }
  absl::StatusOr<std::string> GetPreview(const std::string& id, int image) {
    return For<std::string>(
        [&](auto done) { store_.events().GetPreview(id, image, std::move(done)); });
  }

  absl::Status PutResult(LeaseKey key, int image, std::string bytes) {
    return ForDone([&](Done done) {
      store_.results().Put(std::move(key), image, std::move(bytes), std::move(done));
    });
  }
  absl::StatusOr<std::string> GetResult(LeaseKey key, int image) {
    return For<std::string>(
        [&](auto done) { store_.results().Get(std::move(key), image, std::move(done)); });
  }
  absl::Status PutInput(std::string id, std::string bytes) {
    return ForDone([&](Done done) {
      store_.results().PutInput(std::move(id), std::move(bytes), std::move(done));
    });
  }
  absl::StatusOr<std::string> GetInput(std::string id) {
    return For<std::string>(
        [&](auto done) { store_.results().GetInput(std::move(id), std::move(done)); });
  }

  absl::Status PutStep(LeaseKey key, std::string bytes) {
    return ForDone([&](Done done) {
      store_.results().PutStep(std::move(key), std::move(bytes), std::move(done));
    });
  }
  absl::StatusOr<std::string> GetStep(JobId id) {
    return For<std::string>(
        [&](auto done) { store_.results().GetStep(std::move(id), std::move(done)); });
  }

  absl::Status Announce(std::string worker, std::vector<ModelEntry> models) {
    return ForDone([&](Done done) {
      store_.models().Announce(std::move(worker), std::move(models), std::move(done));
    });
  }
  absl::Status Withdraw(std::string worker) {
    return ForDone(
        [&](Done done) { store_.models().Withdraw(std::move(worker), std::move(done)); });
  }
  absl::StatusOr<std::vector<ModelEntry>> Models() {
    return For<std::vector<ModelEntry>>([&](auto done) { store_.models().List(std::move(done)); });
  }
  absl::Status PutDocument(std::string digest, std::string bytes) {
    return ForDone([&](Done done) {
      store_.models().PutDocument(std::move(digest), std::move(bytes), std::move(done));
    });
  }
  absl::StatusOr<std::string> GetDocument(std::string digest) {
    return For<std::string>(
        [&](auto done) { store_.models().GetDocument(std::move(digest), std::move(done)); });
  }

 private:
  // Far longer than any operation takes: a store that never answers fails the test.
  static constexpr absl::Duration kPatience = absl::Seconds(60);

  template <typename T, typename Start>
  static absl::StatusOr<T> For(Start start) {
    return Await<T>(kPatience, [&](Callback<T> done) { start(std::move(done)); });
  }
  template <typename Start>
  static absl::Status ForDone(Start start) {
    return AwaitDone(kPatience, [&](Done done) { start(std::move(done)); });
  }

  Store& store_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_TESTS_CONTRACT_CALLS_H_
