#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_RESULT_STORE_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_RESULT_STORE_H_

#include <string>

#include "scheduler/core/result_store.h"
#include "scheduler/redis/redis_memory.h"
#include "scheduler/redis/redis_pool.h"

namespace darkroom::scheduler {

// ResultStore on Redis: one key an image, input or job, which expires. `pool` must outlive it.
class RedisResultStore : public ResultStore {
 public:
  explicit RedisResultStore(const RedisPool* pool) : pool_(pool), memory_(&pool->loop()) {}

  // INVALID_ARGUMENT above kMaxResultBytes or kMaxInputBytes.
  void Put(LeaseKey key, int image, std::string bytes, Done done) override;
  void Get(LeaseKey key, int image, Callback<std::string> done) override;
  void PutInput(std::string id, std::string bytes, Done done) override;
  void GetInput(std::string id, Callback<std::string> done) override;
  void PutStep(LeaseKey key, std::string bytes, Done done) override;
  void GetStep(JobId id, Callback<std::string> done) override;

 private:
  const RedisPool* const pool_;
  RedisMemory memory_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_RESULT_STORE_H_
