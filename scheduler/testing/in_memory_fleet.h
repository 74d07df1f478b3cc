#ifndef DARKROOM_SCHEDULER_TESTING_IN_MEMORY_FLEET_H_
#define DARKROOM_SCHEDULER_TESTING_IN_MEMORY_FLEET_H_

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "common/status_macros.h"
#include "scheduler/core/fleet.h"
#include "scheduler/core/model_registry.h"

namespace darkroom::scheduler {

// Fleet without a store, for tests. Callbacks run inside the call, without a lock. Thread-safe.
class InMemoryFleet : public Fleet {
 public:
  // `clock` must outlive the object.
  explicit InMemoryFleet(const Clock* clock, absl::Duration timeout = ModelRegistry::kWorkerTimeout)
      : clock_(clock), timeout_(timeout) {}

  void ReportWorker(WorkerReport report, Callback<WorkerWish> done) override {
    done(Report(std::move(report)));
  }
  void LeaveFleet(std::string worker, Done done) override {
    {
      MutexLock lock(&mutex_);
      workers_.erase(worker);
    }
    done(absl::OkStatus());
  }
  void ListWorkers(Callback<std::vector<WorkerEntry>> done) override { done(List()); }
  void AskWorker(std::string worker, WorkerWish wish, Callback<WorkerEntry> done) override {
    done(Ask(worker, wish));
  }

 private:
  bool IsThere(const WorkerEntry& entry) const { return entry.reported + timeout_ > clock_->Now(); }

  absl::StatusOr<WorkerWish> Report(WorkerReport report) {
    DARKROOM_RETURN_IF_ERROR(CheckWorkerReport(report));
    MutexLock lock(&mutex_);
    if (!workers_.contains(report.worker) && workers_.size() >= kMaxWorkers) {
      const auto oldest = std::min_element(
          workers_.begin(), workers_.end(),
          [](const auto& a, const auto& b) { return a.second.reported < b.second.reported; });
      if (IsThere(oldest->second)) return TooManyWorkers();
      workers_.erase(oldest);
    }
    const absl::Time now = clock_->Now();
    std::erase_if(workers_, [now](const auto& entry) {
      return entry.second.reported + kWorkerMemory <= now;
    });
    WorkerEntry& entry = workers_[report.worker];
    entry.id = report.worker;
    entry.record = std::move(report.record);
    entry.reported = absl::FromUnixMicros(absl::ToUnixMicros(now));
    if (report.first && entry.wish == WorkerWish::kDrain) entry.wish = WorkerWish::kServe;
    return entry.wish;
  }

  std::vector<WorkerEntry> List() {
    MutexLock lock(&mutex_);
    std::vector<WorkerEntry> there;
    for (const auto& [id, entry] : workers_) {
      if (IsThere(entry)) there.push_back(entry);
    }
    return there;
  }

  absl::StatusOr<WorkerEntry> Ask(const std::string& worker, WorkerWish wish) {
    DARKROOM_RETURN_IF_ERROR(CheckWorkerId(worker));
    MutexLock lock(&mutex_);
    const auto found = workers_.find(worker);
    if (found == workers_.end() || !IsThere(found->second)) return NoSuchWorker();
    found->second.wish = wish;
    return found->second;
  }

  const Clock* const clock_;
  const absl::Duration timeout_;
  Mutex mutex_;
  std::map<std::string, WorkerEntry> workers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_TESTING_IN_MEMORY_FLEET_H_
