#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_JOB_QUEUE_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_JOB_QUEUE_H_

#include "scheduler/core/job_queue.h"
#include "scheduler/redis/redis_memory.h"
#include "scheduler/redis/redis_pool.h"

namespace darkroom::scheduler {

// JobQueue on Redis. `pool` must outlive it.
class RedisJobQueue : public JobQueue {
 public:
  explicit RedisJobQueue(const RedisPool* pool) : pool_(pool), memory_(&pool->loop()) {}

  void Submit(Submission submission, Callback<SubmitOutcome> done) override;
  void Foresee(Submission submission, Callback<JobSnapshot> done) override;
  void Get(absl::string_view tenant, absl::string_view id, Callback<JobSnapshot> done) override;
  void List(absl::string_view tenant, absl::string_view after, int limit,
            Callback<JobPage> done) override;
  void Cancel(absl::string_view tenant, absl::string_view id, Callback<JobSnapshot> done) override;
  void Depth(Callback<QueueDepth> done) override;
  void DepthByTier(Callback<std::vector<TierDepth>> done) override;

 private:
  const RedisPool* const pool_;
  RedisMemory memory_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_JOB_QUEUE_H_
