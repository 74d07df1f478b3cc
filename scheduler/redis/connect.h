#ifndef DARKROOM_SCHEDULER_REDIS_CONNECT_H_
#define DARKROOM_SCHEDULER_REDIS_CONNECT_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "scheduler/core/audit_log.h"
#include "scheduler/core/dead_letters.h"
#include "scheduler/core/event_bus.h"
#include "scheduler/core/fleet.h"
#include "scheduler/core/job_queue.h"
#include "scheduler/core/key_store.h"
#include "scheduler/core/lease_store.h"
#include "scheduler/core/model_registry.h"
#include "scheduler/core/promise_meter.h"
#include "scheduler/core/request_limiter.h"
#include "scheduler/core/result_store.h"
#include "scheduler/core/setting_store.h"
#include "scheduler/core/store_meter.h"
#include "scheduler/redis/redis_connection.h"
#include "scheduler/redis/redis_pool.h"

namespace darkroom::scheduler {

struct RedisOptions {
  RedisEndpoint endpoint;
  std::string pool = "default";  // catalogue id
  PoolOptions durations;
  bool allow_unsafe = false;                         // skip the check of redis_guard.h
  absl::Duration start_timeout = absl::Seconds(10);  // to wait for Redis at the start
};

// All ports of one pool on one Redis, sharing one thread. Its ports, and their subscriptions, are
// used until it is destroyed.
class RedisPorts {
 public:
  virtual ~RedisPorts() = default;

  virtual JobQueue& jobs() = 0;
  virtual LeaseStore& leases() = 0;
  virtual EventBus& events() = 0;
  virtual ResultStore& results() = 0;
  virtual ModelRegistry& models() = 0;
  virtual KeyStore& keys() = 0;
  virtual RequestLimiter& requests() = 0;
  virtual DeadLetters& dead_letters() = 0;
  virtual AuditLog& audit() = 0;
  virtual Fleet& fleet() = 0;
  virtual PromiseMeter& promises() = 0;
  virtual SettingStore& settings() = 0;
  virtual StoreMeter& store() = 0;
};

// Connects a process to its pool; what every main() calls. Blocks. UNAVAILABLE when Redis cannot be
// reached in time, FAILED_PRECONDITION when it is not set up to keep jobs or the pool is a later
// version's, INVALID_ARGUMENT for a pool name that is not a catalogue id.
absl::StatusOr<std::unique_ptr<RedisPorts>> Connect(const RedisOptions& options);

// INVALID_ARGUMENT for what is no catalogue id.
absl::Status CheckPoolName(absl::string_view pool);

// "host:port", "[::1]:6379" or "host" to an endpoint without a password; INVALID_ARGUMENT.
absl::StatusOr<RedisEndpoint> ParseEndpoint(absl::string_view text);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_CONNECT_H_
