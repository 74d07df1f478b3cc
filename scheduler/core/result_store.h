#ifndef DARKROOM_SCHEDULER_CORE_RESULT_STORE_H_
#define DARKROOM_SCHEDULER_CORE_RESULT_STORE_H_

#include <string>

#include "common/await.h"
#include "scheduler/core/lease_store.h"

namespace darkroom::scheduler {

// Where pictures lie: those that jobs make, and those that they begin with.
//
// Finished images are kept under the fence of the lease that made them, so that a worker which has
// lost its lease cannot overwrite those of its successor, and disappear after the store's time to
// live (1 hour unless configured). Inputs are kept under their id, 64 lower-case hexadecimal digits
// that tell their content, for 2 hours after they were last put.
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
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_RESULT_STORE_H_
