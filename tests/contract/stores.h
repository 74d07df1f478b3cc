#ifndef DARKROOM_TESTS_CONTRACT_STORES_H_
#define DARKROOM_TESTS_CONTRACT_STORES_H_

#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/ids.h"
#include "common/testing/manual_clock.h"
#include "scheduler/redis/connect.h"
#include "scheduler/testing/in_memory_scheduler.h"
#include "tests/contract/redis_server.h"

namespace darkroom::scheduler {

// What the contract tests are run against: an empty pool of each kind of store, and a way to let
// time pass.

class InMemoryStore {
 public:
  explicit InMemoryStore(const PoolOptions& options)
      : scheduler_(&clock_, {.lease = options.lease,
                             .worker_timeout = options.worker_timeout,
                             .retention = options.retention}) {}

  JobQueue& jobs() { return scheduler_; }
  LeaseStore& leases() { return scheduler_; }
  EventBus& events() { return scheduler_; }
  ResultStore& results() { return scheduler_; }
  ModelRegistry& models() { return scheduler_; }
  DeadLetters& dead_letters() { return scheduler_; }
  absl::Time Now() { return clock_.Now(); }
  void Pass(absl::Duration time) { clock_.Advance(time); }

 private:
  ManualClock clock_;
  InMemoryScheduler scheduler_;
};

class RedisStore {
 public:
  explicit RedisStore(const PoolOptions& options, RedisServer& server = RedisServer::Shared())
      : ports_(Connect({.endpoint = server.endpoint(), .pool = RandomId(), .durations = options})
                   .value()) {}

  JobQueue& jobs() { return ports_->jobs(); }
  LeaseStore& leases() { return ports_->leases(); }
  EventBus& events() { return ports_->events(); }
  ResultStore& results() { return ports_->results(); }
  ModelRegistry& models() { return ports_->models(); }
  DeadLetters& dead_letters() { return ports_->dead_letters(); }
  absl::Time Now() { return absl::Now(); }
  void Pass(absl::Duration time) { absl::SleepFor(time); }

 private:
  const std::unique_ptr<RedisPorts> ports_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_TESTS_CONTRACT_STORES_H_
