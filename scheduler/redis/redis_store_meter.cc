#include "scheduler/redis/redis_store_meter.h"

#include <utility>

#include "scheduler/redis/redis_info.h"

namespace darkroom::scheduler {

void RedisStoreMeter::MeasureStore(Callback<StoreUsage> done) {
  loop_->Send({"INFO", "memory"},
              [done = std::move(done)](const absl::StatusOr<RedisReply>& reply) mutable {
                if (!reply.ok()) return done(reply.status());
                done(StoreUsage{.memory_bytes = InfoNumber(reply->text, "used_memory"),
                                .memory_limit_bytes = InfoNumber(reply->text, "maxmemory")});
              });
}

}  // namespace darkroom::scheduler
