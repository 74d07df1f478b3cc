#ifndef DARKROOM_TESTS_CONTRACT_NEW_JOB_H_
#define DARKROOM_TESTS_CONTRACT_NEW_JOB_H_

#include <string>
#include <utility>

#include "common/ids.h"
#include "scheduler/core/lease_store.h"

namespace darkroom::scheduler {

// A fresh submission of `tenant` for `model`.
inline Submission NewJob(std::string tenant = "alice", std::string model = "demo") {
  Submission submission;
  submission.id = RandomId();
  submission.tenant = std::move(tenant);
  submission.model = std::move(model);
  submission.spec = std::string("spec\0\xff", 6);
  submission.cost = absl::Milliseconds(1500);
  return submission;
}

inline LeaseKey KeyOf(const LeasedJob& job) { return {.id = job.id, .fence = job.fence}; }

}  // namespace darkroom::scheduler

#endif  // DARKROOM_TESTS_CONTRACT_NEW_JOB_H_
