#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_KEY_STORE_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_KEY_STORE_H_

#include <cstdint>
#include <string>

#include "scheduler/core/key_store.h"
#include "scheduler/redis/redis_pool.h"

namespace darkroom::scheduler {

// KeyStore on Redis. `pool` must outlive it.
class RedisKeyStore : public KeyStore {
 public:
  explicit RedisKeyStore(const RedisPool* pool) : pool_(pool) {}

  void Put(KeyEntry entry, Callback<std::int64_t> done) override;
  void Get(std::string id, Callback<KeyEntry> done) override;
  void ReadChanges(std::int64_t after, int limit, Callback<KeyPage> done) override;

 private:
  const RedisPool* const pool_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_KEY_STORE_H_
