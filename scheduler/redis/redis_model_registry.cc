#include "scheduler/redis/redis_model_registry.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "scheduler/redis/job_codec.h"

namespace darkroom::scheduler {
namespace {

absl::StatusOr<std::vector<ModelEntry>> DecodeModels(const RedisReply& reply) {
  std::vector<ModelEntry> models;
  for (const RedisReply& element : reply.elements) {
    if (element.elements.size() != 3) return UnexpectedReply("a model");
    ModelEntry model;
    model.id = element.elements[0].text;
    model.record = element.elements[1].text;
    DARKROOM_ASSIGN_OR_RETURN(const std::int64_t workers, DecodeInteger(element.elements[2]));
    model.workers = static_cast<int>(workers);
    models.push_back(std::move(model));
  }
  return models;
}

}  // namespace

void RedisModelRegistry::Announce(std::string worker, std::vector<ModelEntry> models, Done done) {
  if (absl::Status status = CheckAnnouncement(worker, models); !status.ok()) return done(status);
  std::vector<std::string> arguments = {std::move(worker),
                                        EncodeDuration(pool_->options().worker_timeout),
                                        EncodeDuration(kModelMemory), absl::StrCat(kMaxModels)};
  for (ModelEntry& model : models) {
    arguments.push_back(std::move(model.id));
    arguments.push_back(std::move(model.record));
  }
  pool_->RunDone(lua::kAnnounce, std::move(arguments), std::move(done));
}

void RedisModelRegistry::Withdraw(std::string worker, Done done) {
  pool_->RunDone(lua::kWithdraw, {std::move(worker)}, std::move(done));
}

void RedisModelRegistry::List(Callback<std::vector<ModelEntry>> done) {
  pool_->Run<std::vector<ModelEntry>>(
      lua::kListModels,
      {EncodeDuration(pool_->options().worker_timeout), EncodeDuration(kModelMemory)},
      &DecodeModels, std::move(done));
}

void RedisModelRegistry::PutDocument(std::string digest, std::string bytes, Done done) {
  if (absl::Status status = CheckDocument(digest, bytes); !status.ok()) return done(status);
  pool_->RunDone(lua::kPutDocument,
                 {std::move(digest), std::move(bytes), EncodeDuration(kModelMemory),
                  absl::StrCat(kMaxDocuments)},
                 std::move(done));
}

void RedisModelRegistry::GetDocument(std::string digest, Callback<std::string> done) {
  if (absl::Status status = CheckDocumentDigest(digest); !status.ok()) return done(status);
  pool_->loop().Send({"GET", pool_->keys().Document(digest)},
                     [done = std::move(done)](absl::StatusOr<RedisReply> reply) mutable {
                       if (!reply.ok()) return done(std::move(reply).status());
                       if (reply->kind == RedisReply::Kind::kNil) return done(NoSuchDocument());
                       done(std::move(reply->text));
                     });
}

}  // namespace darkroom::scheduler
