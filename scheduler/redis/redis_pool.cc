#include "scheduler/redis/redis_pool.h"

#include "scheduler/core/checks.h"
#include "scheduler/redis/job_codec.h"

namespace darkroom::scheduler {
namespace {

absl::Status StatusOfVerdict(const RedisReply& reply) {
  if (reply.text == "ok") return absl::OkStatus();
  if (reply.text == "lost") return LeaseLost();
  if (reply.text == "full") return TooManyModels();
  return UnexpectedReply("a verdict");
}

}  // namespace

void RedisPool::RunDone(const lua::LuaScript& script, std::vector<std::string> arguments,
                        Done done) const {
  loop_->Call(script, keys_.base(), std::move(arguments),
              [done = std::move(done)](const absl::StatusOr<RedisReply>& reply) mutable {
                done(reply.ok() ? StatusOfVerdict(*reply) : reply.status());
              });
}

}  // namespace darkroom::scheduler
