#include "scheduler/redis/redis_result_store.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "scheduler/core/checks.h"
#include "scheduler/redis/job_codec.h"

namespace darkroom::scheduler {
namespace {

void Set(const RedisPool& pool, std::string key, std::string bytes, absl::Duration kept,
         Done done) {
  pool.loop().Send({"SET", std::move(key), std::move(bytes), "PX",
                    absl::StrCat(absl::ToInt64Milliseconds(kept))},
                   [done = std::move(done)](const absl::StatusOr<RedisReply>& reply) mutable {
                     done(reply.status());
                   });
}

// Answers with what a command that reads returns.
void Fetch(const RedisPool& pool, std::vector<std::string> command, absl::Status missing,
           Callback<std::string> done) {
  pool.loop().Send(std::move(command), [missing = std::move(missing), done = std::move(done)](
                                           absl::StatusOr<RedisReply> reply) mutable {
    if (!reply.ok()) return done(std::move(reply).status());
    if (reply->kind == RedisReply::Kind::kNil) return done(std::move(missing));
    done(std::move(reply->text));
  });
}

absl::Status ShortOfMemory() {
  return absl::ResourceExhaustedError("the store is short of memory");
}

}  // namespace

void RedisResultStore::Put(LeaseKey key, int image, std::string bytes, Done done) {
  if (absl::Status status = CheckResult(image, bytes); !status.ok()) return done(status);
  Set(*pool_, pool_->keys().Result(key, image), std::move(bytes), pool_->options().retention,
      std::move(done));
}

void RedisResultStore::Get(LeaseKey key, int image, Callback<std::string> done) {
  Fetch(*pool_, {"GET", pool_->keys().Result(key, image)}, NoSuchResult(), std::move(done));
}

void RedisResultStore::PutInput(std::string id, std::string bytes, Done done) {
  if (absl::Status status = CheckInput(id, bytes); !status.ok()) return done(status);
  if (memory_.Short()) return done(ShortOfMemory());
  Set(*pool_, pool_->keys().Input(id), std::move(bytes), kInputMemory, std::move(done));
}

void RedisResultStore::GetInput(std::string id, Callback<std::string> done) {
  if (absl::Status status = CheckInputId(id); !status.ok()) return done(status);
  Fetch(*pool_, {"GET", pool_->keys().Input(id)}, NoSuchInput(), std::move(done));
}

void RedisResultStore::PutStep(LeaseKey key, std::string bytes, Done done) {
  if (absl::Status status = CheckStep(bytes); !status.ok()) return done(status);
  if (memory_.Short()) return done(ShortOfMemory());
  pool_->RunDone(lua::kPutStep,
                 {std::move(key.id), absl::StrCat(key.fence),
                  EncodeDuration(pool_->options().retention), std::move(bytes)},
                 std::move(done));
}

void RedisResultStore::GetStep(JobId id, Callback<std::string> done) {
  Fetch(*pool_, {"HGET", pool_->keys().Step(id), "step"}, NoSuchStep(), std::move(done));
}

}  // namespace darkroom::scheduler
