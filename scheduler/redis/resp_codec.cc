#include "scheduler/redis/resp_codec.h"

#include <hiredis/hiredis.h>

#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace darkroom::scheduler {
namespace {

RedisReply Converted(const redisReply& from) {
  RedisReply to;
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      to.kind = RedisReply::Kind::kInteger;
      to.integer = from.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      to.kind = RedisReply::Kind::kText;
      to.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ERROR:
      to.kind = RedisReply::Kind::kError;
      to.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ARRAY:
      to.kind = RedisReply::Kind::kArray;
      to.elements.reserve(from.elements);
      for (std::size_t i = 0; i < from.elements; ++i) {
        to.elements.push_back(Converted(*from.element[i]));
      }
      break;
    default:
      break;
  }
  return to;
}

}  // namespace

std::string EncodeCommand(const std::vector<std::string>& arguments) {
  std::size_t size = 16;
  for (const std::string& argument : arguments) size += argument.size() + 16;
  std::string bytes;
  bytes.reserve(size);
  absl::StrAppend(&bytes, "*", arguments.size(), "\r\n");
  for (const std::string& argument : arguments) {
    absl::StrAppend(&bytes, "$", argument.size(), "\r\n", argument, "\r\n");
  }
  return bytes;
}

void ReplyParser::FreeReader::operator()(redisReader* reader) const { redisReaderFree(reader); }

ReplyParser::ReplyParser() : reader_(redisReaderCreate()) {}

void ReplyParser::Feed(const char* bytes, std::size_t size) {
  redisReaderFeed(reader_.get(), bytes, size);
}

absl::StatusOr<std::optional<RedisReply>> ReplyParser::Next() {
  void* raw = nullptr;
  if (redisReaderGetReply(reader_.get(), &raw) != REDIS_OK) {
    return absl::DataLossError(absl::StrCat("not a Redis reply: ", reader_->errstr));
  }
  if (raw == nullptr) return std::nullopt;
  const std::unique_ptr<void, void (*)(void*)> owner(raw, &freeReplyObject);
  return Converted(*static_cast<const redisReply*>(raw));
}

absl::Status StatusOfError(absl::string_view error) {
  for (absl::string_view code : {"OOM ", "MISCONF "}) {
    if (absl::StartsWith(error, code)) {
      return absl::ResourceExhaustedError("Redis is short of memory or disk space");
    }
  }
  for (absl::string_view code :
       {"LOADING ", "BUSY ", "MASTERDOWN ", "READONLY ", "CLUSTERDOWN ", "TRYAGAIN ", "ERR max "}) {
    if (absl::StartsWith(error, code)) {
      return absl::UnavailableError(absl::StrCat("Redis answers: ", error));
    }
  }
  return absl::InternalError(absl::StrCat("Redis answers: ", error));
}

}  // namespace darkroom::scheduler
