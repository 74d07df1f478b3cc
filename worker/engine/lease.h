#ifndef DARKROOM_WORKER_ENGINE_LEASE_H_
#define DARKROOM_WORKER_ENGINE_LEASE_H_

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/mutex.h"
#include "scheduler/core/lease_store.h"
#include "worker/engine/job_labels.h"

namespace darkroom::worker {

// This worker's hold on one job, shared by the threads that have to do with the job: the engine
// notes that the job advances, the keeper learns what became of the lease, the publisher ends it.
// Thread-safe.
class Lease {
 public:
  // A job that has not advanced for `stall` counts as stalled; before its first step, which loads
  // and warms up what the others find ready, for kFirstStall times as long; after slow steps, for
  // kStallSteps times the slowest recent one.
  static constexpr absl::Duration kStall = absl::Seconds(60);
  static constexpr int kFirstStall = 5;
  static constexpr int kStallSteps = 20;

  Lease(scheduler::LeaseKey key, absl::Time now, absl::Duration stall = kStall,
        JobLabels labels = {});

  const scheduler::LeaseKey& key() const { return key_; }
  const JobLabels& labels() const { return labels_; }

  // The job has made a step, or one of its images was decoded.
  void NoteAdvance(absl::Time now);
  // The job has not begun: other jobs, which advance, hold what it needs.
  void NoteWaiting(absl::Time now);
  // Nothing is left to compute: from now on the job cannot stall.
  void NoteComputed();
  bool stalled(absl::Time now) const;

  // The job's owner wants it stopped.
  void RequestCancel();
  bool cancel_requested() const;

  // Another worker may have the job: nothing more is written for it.
  void MarkLost();
  bool lost() const;

  // The job was finished or handed back.
  void Close();
  // Neither lost nor closed: worth renewing.
  bool open() const;

 private:
  const scheduler::LeaseKey key_;
  const absl::Duration stall_;
  const JobLabels labels_;

  mutable Mutex mutex_;
  absl::Time advanced_ ABSL_GUARDED_BY(mutex_);
  bool stepped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration slowest_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
  bool computed_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancel_requested_ ABSL_GUARDED_BY(mutex_) = false;
  bool lost_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_LEASE_H_
