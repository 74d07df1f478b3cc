#ifndef DARKROOM_TESTS_CONTRACT_CONTRACT_TEST_H_
#define DARKROOM_TESTS_CONTRACT_CONTRACT_TEST_H_

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/calls.h"
#include "tests/contract/new_job.h"
#include "tests/contract/stores.h"

namespace darkroom::scheduler {

// A test that is run on an empty pool of every kind of store.
template <typename Store>
class ContractTest : public testing::Test {
 protected:
  ContractTest() { UseOptions({}); }

  // Another empty pool, with other durations. Real time passes on Redis, so tests that wait for
  // something to lapse make it short, and all others leave it long.
  void UseOptions(const PoolOptions& options) {
    calls.reset();
    store.reset();
    store.emplace(options);
    calls.emplace(&*store);
  }

  // Submits a job and returns its id.
  JobId Queue(const std::string& tenant = "alice", const std::string& model = "demo") {
    return calls->Submit(NewJob(tenant, model)).value().job.id;
  }

  // Leases the one job that is first in the queue.
  LeasedJob Lease(const std::string& worker = "worker-1") {
    std::vector<LeasedJob> jobs = calls->Acquire({"demo"}, 1, worker).value();
    return jobs.at(0);
  }

  JobState StateOf(const JobId& id, const std::string& tenant = "alice") {
    return calls->Get(tenant, id).value().state;
  }

  std::optional<Store> store;
  std::optional<Calls<Store>> calls;
};

using Stores = testing::Types<InMemoryStore, RedisStore>;

struct StoreNames {
  template <typename Store>
  static std::string GetName(int) {
    return std::is_same_v<Store, InMemoryStore> ? "InMemory" : "Redis";
  }
};

inline absl::StatusCode CodeOf(const absl::Status& status) { return status.code(); }
template <typename T>
absl::StatusCode CodeOf(const absl::StatusOr<T>& result) {
  return result.status().code();
}

}  // namespace darkroom::scheduler

#endif  // DARKROOM_TESTS_CONTRACT_CONTRACT_TEST_H_
