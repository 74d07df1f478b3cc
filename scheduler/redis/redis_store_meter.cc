#include "scheduler/redis/redis_store_meter.h"

#include <utility>

#include "scheduler/redis/redis_info.h"

namespace darkroom::scheduler {
namespace {

StoreUsage UsageOf(absl::string_view info) {
  return {.memory_bytes = InfoNumber(info, "used_memory"),
          .memory_limit_bytes = InfoNumber(info, "maxmemory"),
          .log_ok = InfoField(info, "aof_last_write_status") == "ok" &&
                    InfoField(info, "aof_last_bgrewrite_status") == "ok"};
}

}  // namespace

void RedisStoreMeter::MeasureStore(Callback<StoreUsage> done) {
  loop_->Send({"INFO", "memory", "persistence"},
              [done = std::move(done)](const absl::StatusOr<RedisReply>& reply) mutable {
                if (!reply.ok()) return done(reply.status());
                done(UsageOf(reply->text));
              });
}

}  // namespace darkroom::scheduler
