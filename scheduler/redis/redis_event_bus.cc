#include "scheduler/redis/redis_event_bus.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "scheduler/redis/event_codec.h"

namespace darkroom::scheduler {
namespace {

absl::StatusOr<std::vector<JobEvent>> DecodeEvents(const RedisReply& reply) {
  std::vector<JobEvent> events;
  events.reserve(reply.elements.size());
  for (const RedisReply& entry : reply.elements) {
    DARKROOM_ASSIGN_OR_RETURN(JobEvent event, DecodeEvent(entry));
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace

void RedisEventBus::Append(LeaseKey key, WorkerEvent event, Done done) {
  std::vector<std::string> arguments = {std::move(key.id), absl::StrCat(key.fence)};
  for (std::string& word : EncodeEvent(event)) arguments.push_back(std::move(word));
  pool_->RunDone(lua::kAppendEvent, std::move(arguments), std::move(done));
}

void RedisEventBus::Read(absl::string_view id, std::int64_t after, int limit,
                         Callback<std::vector<JobEvent>> done) {
  const std::string first = EntryId(std::max<std::int64_t>(after, 0) + 1);
  pool_->loop().Send({"XRANGE", pool_->keys().Events(id), first, "+", "COUNT", absl::StrCat(limit)},
                     [done = std::move(done)](const absl::StatusOr<RedisReply>& reply) mutable {
                       if (!reply.ok()) return done(reply.status());
                       done(DecodeEvents(*reply));
                     });
}

std::unique_ptr<Subscription> RedisEventBus::Subscribe(Topic topic, Hint hint) {
  return pool_->loop().Subscribe(pool_->keys().Channel(topic), std::move(hint));
}

void RedisEventBus::PutPreview(LeaseKey key, int image, std::string jpeg, Done done) {
  if (absl::Status status = CheckPreview(image, jpeg); !status.ok()) return done(status);
  pool_->RunDone(lua::kPutPreview,
                 {std::move(key.id), absl::StrCat(key.fence), absl::StrCat(image), std::move(jpeg)},
                 std::move(done));
}

void RedisEventBus::GetPreview(absl::string_view id, int image, Callback<std::string> done) {
  pool_->loop().Send({"HGET", pool_->keys().Previews(id), absl::StrCat(image)},
                     [done = std::move(done)](absl::StatusOr<RedisReply> reply) mutable {
                       if (!reply.ok()) return done(std::move(reply).status());
                       if (reply->kind == RedisReply::Kind::kNil) return done(NoSuchPreview());
                       done(std::move(reply->text));
                     });
}

}  // namespace darkroom::scheduler
