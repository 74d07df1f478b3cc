#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_FLEET_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_FLEET_H_

#include <string>
#include <vector>

#include "scheduler/core/fleet.h"
#include "scheduler/redis/redis_pool.h"

namespace darkroom::scheduler {

// Fleet on Redis. `pool` must outlive it.
class RedisFleet : public Fleet {
 public:
  explicit RedisFleet(const RedisPool* pool) : pool_(pool) {}

  void ReportWorker(WorkerReport report, Callback<WorkerWish> done) override;
  void LeaveFleet(std::string worker, Done done) override;
  void ListWorkers(Callback<std::vector<WorkerEntry>> done) override;
  void AskWorker(std::string worker, WorkerWish wish, Callback<WorkerEntry> done) override;

 private:
  const RedisPool* const pool_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_FLEET_H_
