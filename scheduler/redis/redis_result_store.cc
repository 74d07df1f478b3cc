#include "scheduler/redis/redis_result_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "scheduler/core/checks.h"

namespace darkroom::scheduler {

void RedisResultStore::Put(LeaseKey key, int image, std::string bytes, Done done) {
  if (absl::Status status = CheckResult(image, bytes); !status.ok()) return done(status);
  pool_->loop().Send({"SET", pool_->keys().Result(key, image), std::move(bytes), "PX",
                      absl::StrCat(absl::ToInt64Milliseconds(pool_->options().retention))},
                     [done = std::move(done)](const absl::StatusOr<RedisReply>& reply) mutable {
                       done(reply.status());
                     });
}

void RedisResultStore::Get(LeaseKey key, int image, Callback<std::string> done) {
  pool_->loop().Send({"GET", pool_->keys().Result(key, image)},
                     [done = std::move(done)](absl::StatusOr<RedisReply> reply) mutable {
                       if (!reply.ok()) return done(std::move(reply).status());
                       if (reply->kind == RedisReply::Kind::kNil) return done(NoSuchResult());
                       done(std::move(reply->text));
                     });
}

}  // namespace darkroom::scheduler
