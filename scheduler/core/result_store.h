#ifndef DARKROOM_SCHEDULER_CORE_RESULT_STORE_H_
#define DARKROOM_SCHEDULER_CORE_RESULT_STORE_H_

#include <string>

#include "common/await.h"
#include "scheduler/core/lease_store.h"

namespace darkroom::scheduler {

// Where pictures lie: those that jobs make, those that they begin with, and what is half done.
//
// Finished images are kept under the fence of the lease that made them, so that a worker which has
// lost its lease cannot overwrite those of its successor, and disappear after the store's time to
// live (1 hour unless configured). Inputs are kept under their id, 64 lower-case hexadecimal digits
// that tell their content, for 2 hours after they were last put. Of a running job there is at most
// one saved step, for the lease that follows on its own: it disappears when the job ends, when a
// lease lapses or crashes that has not saved it itself, as one may that has gone on from it, and
// after the store's time to live.
//
// Callbacks and thread-safety as for JobQueue; UNAVAILABLE likewise.
class ResultStore {
 public:
  virtual ~ResultStore() = default;

  // RESOURCE_EXHAUSTED when the store is full.
  virtual void Put(LeaseKey key, int image, std::string bytes, Done done) = 0;
  // NOT_FOUND when there is none, or no longer.
  virtual void Get(LeaseKey key, int image, Callback<std::string> done) = 0;

  // RESOURCE_EXHAUSTED when the store is short of memory. Putting one again keeps it for longer.
  virtual void PutInput(std::string id, std::string bytes, Done done) = 0;
  // NOT_FOUND when there is none, or no longer.
  virtual void GetInput(std::string id, Callback<std::string> done) = 0;

  // In place of the step before. ABORTED when the lease is lost, INVALID_ARGUMENT above
  // kMaxStepBytes (checks.h), RESOURCE_EXHAUSTED when the store is short of memory.
  virtual void PutStep(LeaseKey key, std::string bytes, Done done) = 0;
  // NOT_FOUND when there is none, or no longer.
  virtual void GetStep(JobId id, Callback<std::string> done) = 0;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_RESULT_STORE_H_
