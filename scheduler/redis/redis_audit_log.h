#ifndef DARKROOM_SCHEDULER_REDIS_REDIS_AUDIT_LOG_H_
#define DARKROOM_SCHEDULER_REDIS_REDIS_AUDIT_LOG_H_

#include <string>

#include "scheduler/core/audit_log.h"
#include "scheduler/redis/redis_pool.h"

namespace darkroom::scheduler {

// AuditLog as a stream of Redis. `pool` must outlive it.
class RedisAuditLog : public AuditLog {
 public:
  explicit RedisAuditLog(const RedisPool* pool) : pool_(pool) {}

  void AppendAudit(AuditEntry entry, Done done) override;
  void ReadAudit(std::string before, int limit, Callback<AuditPage> done) override;

 private:
  const RedisPool* const pool_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_REDIS_AUDIT_LOG_H_
