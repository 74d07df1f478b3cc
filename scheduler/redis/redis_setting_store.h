#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_SETTING_STORE_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_SETTING_STORE_H_

#include <string>

#include "scheduler/core/setting_store.h"
#include "scheduler/redis/redis_pool.h"

namespace darkroom::scheduler {

// SettingStore on Redis. `pool` must outlive it.
class RedisSettingStore : public SettingStore {
 public:
  explicit RedisSettingStore(const RedisPool* pool) : pool_(pool) {}

  void ReadSettings(std::string owner, Callback<std::string> done) override;
  void WriteSettings(std::string owner, std::string settings, Done done) override;

 private:
  const RedisPool* const pool_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_SETTING_STORE_H_
