#ifndef DARKROOM_SCHEDULER_TESTING_SAVED_STEPS_H_
#define DARKROOM_SCHEDULER_TESTING_SAVED_STEPS_H_

#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "scheduler/core/checks.h"
#include "scheduler/core/lease_store.h"

namespace darkroom::scheduler {

// The last saved step of each job. Thread-compatible.
class SavedSteps {
 public:
  void Put(const LeaseKey& lease, std::string bytes, absl::Time expiry) {
    steps_[lease.id] = {.fence = lease.fence, .bytes = std::move(bytes), .expiry = expiry};
  }
  bool Has(const JobId& job) const { return steps_.contains(job); }
  absl::StatusOr<std::string> Get(const JobId& job) const {
    const auto step = steps_.find(job);
    if (step == steps_.end()) return NoSuchStep();
    return step->second.bytes;
  }

  // The job has ended.
  void Remove(const JobId& job) { steps_.erase(job); }
  // The lease has ended in a crash: it may have gone on from what it has not replaced.
  void RemoveForeign(const LeaseKey& lease) {
    const auto step = steps_.find(lease.id);
    if (step != steps_.end() && step->second.fence != lease.fence) steps_.erase(step);
  }
  // Drops those that have expired.
  void Forget(absl::Time now) {
    std::erase_if(steps_, [now](const auto& entry) { return entry.second.expiry <= now; });
  }

 private:
  struct Step {
    Fence fence = 0;  // of the lease that saved it
    std::string bytes;
    absl::Time expiry;
  };

  std::map<JobId, Step> steps_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_TESTING_SAVED_STEPS_H_
