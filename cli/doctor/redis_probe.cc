#include "cli/doctor/redis_probe.h"

#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

constexpr absl::Duration kRedisPatience = absl::Seconds(3);
constexpr int kUsualPort = 6379;
constexpr std::size_t kMaxPasswordBytes = 4096;

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;
using Reply = std::unique_ptr<redisReply, FreeReply>;

absl::StatusOr<Context> Connect(absl::string_view address) {
  int port = kUsualPort;
  absl::string_view host = address;
  const std::size_t colon = address.rfind(':');
  if (colon != absl::string_view::npos && !absl::EndsWith(address, "]")) {
    host = address.substr(0, colon);
    if (!absl::SimpleAtoi(address.substr(colon + 1), &port)) {
      return absl::InvalidArgumentError("that is no HOST:PORT");
    }
  }
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  const timeval patience = absl::ToTimeval(kRedisPatience);
  Context context(redisConnectWithTimeout(std::string(host).c_str(), port, patience));
  if (context == nullptr) return absl::UnavailableError("no memory");
  if (context->err != 0) return absl::UnavailableError(context->errstr);
  redisSetTimeout(context.get(), patience);
  return context;
}

// The reply to a command; PERMISSION_DENIED when it wants a password, or another one.
absl::StatusOr<Reply> Ask(redisContext* context, std::initializer_list<std::string> words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  Reply reply(static_cast<redisReply*>(
      redisCommandArgv(context, static_cast<int>(texts.size()), texts.data(), sizes.data())));
  if (reply == nullptr) return absl::UnavailableError(context->errstr);
  if (reply->type != REDIS_REPLY_ERROR) return reply;
  const std::string error(reply->str, reply->len);
  const bool denied = absl::StartsWith(error, "NOAUTH") || absl::StartsWith(error, "WRONGPASS") ||
                      absl::StartsWith(error, "ERR AUTH");
  return denied ? absl::PermissionDeniedError(error) : absl::UnavailableError(error);
}

std::string TextOf(const redisReply& reply) {
  return reply.str == nullptr ? "" : std::string(reply.str, reply.len);
}

// "host:port" of the master that one of the sentinels names.
absl::StatusOr<std::string> MasterOf(const RedisPlace& place) {
  absl::Status last = absl::UnavailableError("no sentinel");
  for (const std::string& sentinel : place.sentinels) {
    absl::StatusOr<Context> context = Connect(sentinel);
    absl::StatusOr<Reply> reply =
        context.ok() ? Ask(context->get(), {"SENTINEL", "get-master-addr-by-name", place.master})
                     : absl::StatusOr<Reply>(context.status());
    if (reply.ok() && (*reply)->elements == 2) {
      const std::string host = TextOf(*(*reply)->element[0]);
      const bool is_v6 = absl::StrContains(host, ":");
      return absl::StrCat(is_v6 ? "[" : "", host, is_v6 ? "]" : "", ":",
                          TextOf(*(*reply)->element[1]));
    }
    last = absl::UnavailableError(absl::StrCat(
        "the sentinel ", sentinel, ": ",
        reply.ok() ? absl::StrCat("it knows no master ", place.master) : reply.status().message()));
  }
  return last;
}

absl::Status Authenticate(redisContext* context, const std::string& password_file) {
  if (password_file.empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> text = ReadFile(password_file, kMaxPasswordBytes);
  if (!text.ok()) return absl::PermissionDeniedError(text.status().message());
  return Ask(context, {"AUTH", std::string(absl::StripSuffix(*text, "\n"))}).status();
}

std::map<std::string, std::string> FieldsOf(absl::string_view info) {
  std::map<std::string, std::string> fields;
  for (const absl::string_view line : absl::StrSplit(info, "\r\n")) {
    const std::size_t colon = line.find(':');
    if (colon == absl::string_view::npos) continue;
    fields.emplace(line.substr(0, colon), line.substr(colon + 1));
  }
  return fields;
}

// True when both ends of the connection have one address.
bool IsHere(int socket) {
  sockaddr_storage here = {};
  sockaddr_storage there = {};
  socklen_t here_size = sizeof(here);
  socklen_t there_size = sizeof(there);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&here), &here_size) != 0 ||
      getpeername(socket, reinterpret_cast<sockaddr*>(&there), &there_size) != 0 ||
      here.ss_family != there.ss_family) {
    return false;
  }
  if (here.ss_family == AF_INET) {
    return reinterpret_cast<const sockaddr_in&>(here).sin_addr.s_addr ==
           reinterpret_cast<const sockaddr_in&>(there).sin_addr.s_addr;
  }
  return std::memcmp(&reinterpret_cast<const sockaddr_in6&>(here).sin6_addr,
                     &reinterpret_cast<const sockaddr_in6&>(there).sin6_addr,
                     sizeof(in6_addr)) == 0;
}

void CompareClocks(redisContext* context, RedisFacts& facts) {
  const absl::Time before = absl::Now();
  const absl::StatusOr<Reply> reply = Ask(context, {"TIME"});
  const absl::Duration took = absl::Now() - before;
  std::int64_t seconds = 0;
  std::int64_t microseconds = 0;
  if (!reply.ok() || (*reply)->elements != 2 ||
      !absl::SimpleAtoi(TextOf(*(*reply)->element[0]), &seconds) ||
      !absl::SimpleAtoi(TextOf(*(*reply)->element[1]), &microseconds)) {
    facts.uncertainty = absl::InfiniteDuration();
    return;
  }
  const absl::Time there = absl::FromUnixSeconds(seconds) + absl::Microseconds(microseconds);
  facts.ahead = there - (before + took / 2);
  facts.uncertainty = took / 2;
}

absl::Status AskAll(const RedisPlace& place, RedisFacts& facts) {
  if (!place.sentinels.empty()) {
    DARKROOM_ASSIGN_OR_RETURN(facts.address, MasterOf(place));
  }
  DARKROOM_ASSIGN_OR_RETURN(const Context context, Connect(facts.address));
  DARKROOM_RETURN_IF_ERROR(Authenticate(context.get(), place.password_file));
  DARKROOM_ASSIGN_OR_RETURN(const Reply info, Ask(context.get(), {"INFO"}));
  facts.info = FieldsOf(TextOf(*info));
  for (const char* name : {"appendonly", "appendfsync", "maxmemory-policy", "dir"}) {
    const absl::StatusOr<Reply> setting = Ask(context.get(), {"CONFIG", "GET", name});
    if (!setting.ok() || (*setting)->elements != 2) continue;  // managed servers refuse it
    facts.settings.emplace(name, TextOf(*(*setting)->element[1]));
  }
  CompareClocks(context.get(), facts);
  facts.is_here = IsHere(context->fd);
  return absl::OkStatus();
}

}  // namespace

RedisFacts ProbeRedis(const RedisPlace& place) {
  RedisFacts facts;
  facts.address = place.address;
  facts.reached = AskAll(place, facts);
  // A file of /proc has no size: ReadFile would read nothing.
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen("/proc/sys/vm/overcommit_memory", "r"), &std::fclose);
  char digit = 0;
  if (file != nullptr && std::fread(&digit, 1, 1, file.get()) == 1) facts.overcommit = digit;
  return facts;
}

}  // namespace darkroom::cli
