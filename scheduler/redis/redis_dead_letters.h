#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_DEAD_LETTERS_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_DEAD_LETTERS_H_

#include <string>

#include "scheduler/core/dead_letters.h"
#include "scheduler/redis/redis_pool.h"

namespace darkroom::scheduler {

// DeadLetters on Redis. `pool` must outlive it.
class RedisDeadLetters : public DeadLetters {
 public:
  explicit RedisDeadLetters(const RedisPool* pool) : pool_(pool) {}

  void ListDeadLetters(std::string after, int limit, Callback<DeadLetterPage> done) override;
  void GetDeadLetter(JobId id, Callback<DeadLetter> done) override;
  void RemoveDeadLetter(JobId id, Done done) override;

 private:
  const RedisPool* const pool_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_DEAD_LETTERS_H_
