#include "scheduler/redis/redis_key_store.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "scheduler/redis/job_codec.h"

namespace darkroom::scheduler {
namespace {

absl::StatusOr<std::int64_t> DecodeVersion(const RedisReply& reply) {
  std::int64_t version = 0;
  if (!absl::SimpleAtoi(reply.text, &version)) return UnexpectedReply("a version of keys");
  return version;
}

absl::StatusOr<std::int64_t> DecodePut(const RedisReply& reply) {
  if (reply.text == "changed") return KeyChanged();
  if (reply.text == "full") return TooManyKeys();
  return DecodeVersion(reply);
}

// What get_key.lua returns.
absl::StatusOr<KeyEntry> DecodeEntry(const RedisReply& reply) {
  if (reply.elements.size() != 4) return UnexpectedReply("a key");
  KeyEntry entry;
  entry.id = reply.elements[0].text;
  DARKROOM_ASSIGN_OR_RETURN(entry.version, DecodeVersion(reply.elements[1]));
  DARKROOM_ASSIGN_OR_RETURN(entry.forgotten, DecodeTime(reply.elements[2].text));
  entry.record = reply.elements[3].text;
  return entry;
}

absl::StatusOr<KeyEntry> DecodeGet(const RedisReply& reply) {
  if (reply.kind == RedisReply::Kind::kNil) return NoSuchKey();
  return DecodeEntry(reply);
}

absl::StatusOr<KeyPage> DecodeKeyPage(const RedisReply& reply) {
  if (reply.elements.empty()) return UnexpectedReply("a page of keys");
  KeyPage page;
  DARKROOM_ASSIGN_OR_RETURN(page.newest, DecodeVersion(reply.elements[0]));
  for (std::size_t i = 1; i < reply.elements.size(); ++i) {
    DARKROOM_ASSIGN_OR_RETURN(KeyEntry entry, DecodeEntry(reply.elements[i]));
    page.keys.push_back(std::move(entry));
  }
  return page;
}

}  // namespace

void RedisKeyStore::Put(KeyEntry entry, Callback<std::int64_t> done) {
  if (absl::Status status = CheckKeyEntry(entry); !status.ok()) return done(status);
  pool_->Run<std::int64_t>(
      lua::kPutKey,
      {std::move(entry.id), std::move(entry.record), EncodeTime(entry.forgotten),
       absl::StrCat(entry.version), absl::StrCat(kMaxKeys)},
      &DecodePut, std::move(done));
}

void RedisKeyStore::Get(std::string id, Callback<KeyEntry> done) {
  if (!IsRandomId(id)) return done(NoSuchKey());
  pool_->Run<KeyEntry>(lua::kGetKey, {std::move(id)}, &DecodeGet, std::move(done));
}

void RedisKeyStore::ReadChanges(std::int64_t after, int limit, Callback<KeyPage> done) {
  if (absl::Status status = CheckLimit(limit); !status.ok()) return done(status);
  pool_->Run<KeyPage>(lua::kReadKeys, {absl::StrCat(after), absl::StrCat(limit)}, &DecodeKeyPage,
                      std::move(done));
}

}  // namespace darkroom::scheduler
