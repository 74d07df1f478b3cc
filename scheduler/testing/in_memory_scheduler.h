#ifndef DARKROOM_SCHEDULER_TESTING_IN_MEMORY_SCHEDULER_H_
#define DARKROOM_SCHEDULER_TESTING_IN_MEMORY_SCHEDULER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "scheduler/core/dead_letters.h"
#include "scheduler/core/event_bus.h"
#include "scheduler/core/job_queue.h"
#include "scheduler/core/lease_store.h"
#include "scheduler/core/model_registry.h"
#include "scheduler/core/result_store.h"
#include "scheduler/testing/job_table.h"

namespace darkroom::scheduler {

class HintSlot;

// All ports of a pool in one object without a store, for tests: a gateway and a worker in one
// process can share it. Time is that of the clock, so leases lapse when a test moves it.
//
// Callbacks run inside the call, then the hints of what it changed do; no lock is held meanwhile,
// so both may call back in. Subscriptions may outlive the object. Thread-safe.
class InMemoryScheduler : public JobQueue,
                          public LeaseStore,
                          public EventBus,
                          public ResultStore,
                          public ModelRegistry,
                          public DeadLetters {
 public:
  struct Options {
    absl::Duration lease = LeaseStore::kLeaseDuration;
    absl::Duration worker_timeout = ModelRegistry::kWorkerTimeout;
    absl::Duration retention = absl::Hours(1);  // of ended jobs and of results
  };

  // `clock` must outlive the object.
  explicit InMemoryScheduler(const Clock* clock);
  InMemoryScheduler(const Clock* clock, Options options);
  ~InMemoryScheduler() override;

  // JobQueue
  void Submit(Submission submission, Callback<SubmitOutcome> done) override;
  void Foresee(Submission submission, Callback<JobSnapshot> done) override;
  void Get(absl::string_view tenant, absl::string_view id, Callback<JobSnapshot> done) override;
  void List(absl::string_view tenant, absl::string_view after, int limit,
            Callback<JobPage> done) override;
  void Cancel(absl::string_view tenant, absl::string_view id, Callback<JobSnapshot> done) override;
  void Depth(Callback<QueueDepth> done) override;
  void DepthByTier(Callback<std::vector<TierDepth>> done) override;

  // LeaseStore
  void Acquire(LeaseRequest request, Callback<std::vector<LeasedJob>> done) override;
  void Renew(std::vector<LeaseKey> keys, Callback<std::vector<LeaseStatus>> done) override;
  void Finish(LeaseKey key, JobOutcome outcome, Done done) override;
  void Release(LeaseKey key, Done done) override;
  void Reap(int limit, Callback<ReapReport> done) override;

  // EventBus
  void Append(LeaseKey key, WorkerEvent event, Done done) override;
  void Read(absl::string_view id, std::int64_t after, int limit,
            Callback<std::vector<JobEvent>> done) override;
  std::unique_ptr<Subscription> Subscribe(Topic topic, Hint hint) override;
  void PutPreview(LeaseKey key, int image, std::string jpeg, Done done) override;
  void GetPreview(absl::string_view id, int image, Callback<std::string> done) override;

  // ResultStore
  void Put(LeaseKey key, int image, std::string bytes, Done done) override;
  void Get(LeaseKey key, int image, Callback<std::string> done) override;
  void PutInput(std::string id, std::string bytes, Done done) override;
  void GetInput(std::string id, Callback<std::string> done) override;
  void PutStep(LeaseKey key, std::string bytes, Done done) override;
  void GetStep(JobId id, Callback<std::string> done) override;

  // ModelRegistry
  void Announce(std::string worker, std::vector<ModelEntry> models, Done done) override;
  void Withdraw(std::string worker, Done done) override;
  void List(Callback<std::vector<ModelEntry>> done) override;
  void PutDocument(std::string digest, std::string bytes, Done done) override;
  void GetDocument(std::string digest, Callback<std::string> done) override;

  // DeadLetters
  void ListDeadLetters(std::string after, int limit, Callback<DeadLetterPage> done) override;
  void GetDeadLetter(JobId id, Callback<DeadLetter> done) override;
  void RemoveDeadLetter(JobId id, Done done) override;

 private:
  struct Model {
    std::string record;
    absl::Time announced;
    std::map<std::string, absl::Time> workers;  // → last announcement
  };
  struct Result {
    std::string bytes;
    absl::Time expiry;
  };
  struct Document {
    std::string bytes;
    absl::Time put;
  };
  struct HintList;

  // Runs `operation` on the table under the lock, hands its value to `done`, then calls the hints.
  template <typename Operation, typename Callback>
  void Run(Operation operation, Callback done) ABSL_LOCKS_EXCLUDED(mutex_);

  const Clock* const clock_;
  const Options options_;
  const std::shared_ptr<HintList> hints_;
  Mutex mutex_;
  JobTable table_ ABSL_GUARDED_BY(mutex_);
  std::map<std::tuple<JobId, Fence, int>, Result> results_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Result> inputs_ ABSL_GUARDED_BY(mutex_);  // by id
  std::map<std::string, Model> models_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Document> documents_ ABSL_GUARDED_BY(mutex_);  // by digest
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_TESTING_IN_MEMORY_SCHEDULER_H_
