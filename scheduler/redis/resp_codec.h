#ifndef DARKROOM_SCHEDULER_REDIS_RESP_CODEC_H_
#define DARKROOM_SCHEDULER_REDIS_RESP_CODEC_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct redisReader;

namespace darkroom::scheduler {

// The wire format of Redis, RESP2.

struct RedisReply {
  enum class Kind { kNil, kInteger, kText, kError, kArray };

  Kind kind = Kind::kNil;
  std::int64_t integer = 0;
  std::string text;  // of kText and kError; may hold any bytes
  std::vector<RedisReply> elements;
};

// A command with its arguments as bytes to send.
std::string EncodeCommand(const std::vector<std::string>& arguments);

// Finds replies in what arrives. Not thread-safe.
class ReplyParser {
 public:
  ReplyParser();

  void Feed(const char* bytes, std::size_t size);
  // The next whole reply, nothing when more bytes are needed, DATA_LOSS when they make no sense;
  // the parser is of no use after that.
  absl::StatusOr<std::optional<RedisReply>> Next();

 private:
  struct FreeReader {
    void operator()(redisReader* reader) const;
  };
  std::unique_ptr<redisReader, FreeReader> reader_;
};

// What an error reply means to a caller of the ports: RESOURCE_EXHAUSTED when Redis is short of
// memory or cannot write its disk, UNAVAILABLE when it is starting, busy or not a master, otherwise
// INTERNAL with Redis' own words.
absl::Status StatusOfError(absl::string_view error);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_RESP_CODEC_H_
