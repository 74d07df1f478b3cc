#include "scheduler/redis/redis_setting_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "scheduler/core/checks.h"

namespace darkroom::scheduler {

void RedisSettingStore::ReadSettings(std::string owner, Callback<std::string> done) {
  pool_->loop().Send({"GET", pool_->keys().Settings(owner)},
                     [done = std::move(done)](absl::StatusOr<RedisReply> reply) mutable {
                       if (!reply.ok()) return done(std::move(reply).status());
                       done(std::move(reply->text));  // of nil it is empty
                     });
}

void RedisSettingStore::WriteSettings(std::string owner, std::string settings, Done done) {
  if (absl::Status status = CheckSettings(settings); !status.ok()) return done(status);
  pool_->loop().Send({"SET", pool_->keys().Settings(owner), std::move(settings), "PX",
                      absl::StrCat(absl::ToInt64Milliseconds(kMemory))},
                     [done = std::move(done)](const absl::StatusOr<RedisReply>& reply) mutable {
                       done(reply.status());
                     });
}

}  // namespace darkroom::scheduler
