#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_MODEL_REGISTRY_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_MODEL_REGISTRY_H_

#include <string>
#include <vector>

#include "scheduler/core/model_registry.h"
#include "scheduler/redis/redis_pool.h"

namespace darkroom::scheduler {

// ModelRegistry on Redis. `pool` must outlive it.
class RedisModelRegistry : public ModelRegistry {
 public:
  explicit RedisModelRegistry(const RedisPool* pool) : pool_(pool) {}

  void Announce(std::string worker, std::vector<ModelEntry> models, Done done) override;
  void Withdraw(std::string worker, Done done) override;
  void List(Callback<std::vector<ModelEntry>> done) override;
  void PutDocument(std::string digest, std::string bytes, Done done) override;
  void GetDocument(std::string digest, Callback<std::string> done) override;

 private:
  const RedisPool* const pool_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_MODEL_REGISTRY_H_
