#ifndef DARKROOM_SCHEDULER_REAPER_REAPER_H_
#define DARKROOM_SCHEDULER_REAPER_REAPER_H_

#include <functional>
#include <random>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/mutex.h"
#include "scheduler/core/lease_store.h"

namespace darkroom::scheduler {

// Calls LeaseStore::Reap about once a second, on a thread of its own, and again at once while there
// is more; so a lost worker's jobs are back in the queue a second after their leases lapse. Any
// number of reapers can share a pool. Errors are logged and tried again.
class Reaper {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(1);
  // Called with what each call has done, on the reaper's thread.
  using Note = std::function<void(const ReapReport&)>;

  // `leases` must outlive the reaper. It runs from here to its destruction.
  explicit Reaper(LeaseStore* leases, absl::Duration interval = kInterval, Note note = nullptr);
  // Waits for the call under way.
  ~Reaper();
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

 private:
  void Run();
  // True when there was more to do than one call may.
  bool ReapOnce();

  LeaseStore* const leases_;
  const absl::Duration interval_;
  const Note note_;          // null: nobody is told
  std::minstd_rand random_;  // of the reaper's thread
  bool failing_ = false;     // of the reaper's thread
  Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REAPER_REAPER_H_
