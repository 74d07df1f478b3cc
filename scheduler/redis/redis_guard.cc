#include "scheduler/redis/redis_guard.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/redis_terms.h"
#include "common/status_macros.h"
#include "scheduler/core/record_version.h"
#include "scheduler/redis/function_library.h"

namespace darkroom::scheduler {
namespace {

absl::StatusOr<RedisReply> Ask(RedisLoop& loop, std::vector<std::string> command) {
  return Await<RedisReply>(absl::Seconds(5), [&](Callback<RedisReply> done) {
    loop.Send(std::move(command), std::move(done));
  });
}

absl::StatusOr<std::string> Read(RedisLoop& loop, absl::string_view name) {
  DARKROOM_ASSIGN_OR_RETURN(const RedisReply reply,
                            Ask(loop, {"CONFIG", "GET", std::string(name)}));
  if (reply.elements.size() != 2) {
    return absl::FailedPreconditionError(absl::StrCat("Redis has no setting ", name));
  }
  return reply.elements[1].text;
}

}  // namespace

absl::Status CheckFunctions(RedisLoop& loop) {
  absl::Status status =
      Ask(loop, {"FUNCTION", "LIST", "LIBRARYNAME", FunctionLibrary::Get().name()}).status();
  if (status.ok() || absl::IsUnavailable(status)) return status;
  return absl::FailedPreconditionError(absl::StrCat(
      "Redis offers no functions, which the queue is made of. It has to be version 7.0 or later, ",
      "and its user be allowed FUNCTION and FCALL. ", status.message()));
}

absl::Status CheckDurability(RedisLoop& loop) {
  for (const DurableSetting& setting : kDurableSettings) {
    DARKROOM_ASSIGN_OR_RETURN(const std::string value, Read(loop, setting.name));
    if (value == setting.value) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "Redis has ", setting.name, " ", value, ", so that ", setting.otherwise, ": set \"",
        setting.name, " ", setting.value, "\" in redis.conf, or start with --allow_unsafe_redis"));
  }
  return absl::OkStatus();
}

absl::Status CheckLayout(RedisLoop& loop, const Keys& keys) {
  DARKROOM_ASSIGN_OR_RETURN(const RedisReply reply, Ask(loop, {"HGET", keys.Counters(), "layout"}));
  if (reply.kind == RedisReply::Kind::kNil) return absl::OkStatus();  // version 1
  std::uint32_t layout = 0;
  if (absl::SimpleAtoi(reply.text, &layout) && IsReadable(layout, kLayoutVersion)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the pool is laid out as version ", reply.text, " of Redis's keys has it, and ",
                   "this program knows version ", kLayoutVersion,
                   ": start a later version of the program, or take another --pool"));
}

}  // namespace darkroom::scheduler
