#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_LEASE_STORE_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_LEASE_STORE_H_

#include <atomic>
#include <memory>
#include <vector>

#include "scheduler/core/lease_store.h"
#include "scheduler/redis/redis_pool.h"

namespace darkroom::scheduler {

// LeaseStore on Redis. `pool` must outlive it.
class RedisLeaseStore : public LeaseStore {
 public:
  explicit RedisLeaseStore(const RedisPool* pool) : pool_(pool) {}

  void Acquire(LeaseRequest request, Callback<std::vector<LeasedJob>> done) override;
  void Renew(std::vector<LeaseKey> keys, Callback<std::vector<LeaseStatus>> done) override;
  void Finish(LeaseKey key, JobOutcome outcome, Done done) override;
  void Release(LeaseKey key, Done done) override;
  void Reap(int limit, Callback<ReapReport> done) override;

 private:
  const RedisPool* const pool_;
  // That jobs wait which the worker does not understand. Shared with answers that come later.
  const std::shared_ptr<std::atomic<bool>> warned_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_LEASE_STORE_H_
