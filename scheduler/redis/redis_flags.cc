#include "scheduler/redis/redis_flags.h"

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/file.h"
#include "common/settings.h"
#include "common/status_macros.h"

ABSL_FLAG(std::string, redis, "127.0.0.1:6379", "Redis of the queue, host:port");
ABSL_FLAG(std::vector<std::string>, redis_sentinels, {},
          "Redis Sentinels, host:port, with commas between them: one of them says where Redis is, "
          "instead of --redis");
ABSL_FLAG(std::string, redis_master, "mymaster", "name under which the Sentinels watch Redis");
ABSL_FLAG(std::string, redis_password_file, "", "file that holds the password of Redis");
ABSL_FLAG(std::string, pool, "default", "name of the pool of jobs and workers");
ABSL_FLAG(absl::Duration, retention, absl::Hours(1), "how long ended jobs and results are kept");
ABSL_FLAG(bool, allow_unsafe_redis, false,
          "start even if Redis is not set up to keep what it acknowledges");

namespace darkroom::scheduler {
namespace {

constexpr std::size_t kMaxPasswordBytes = 4096;
constexpr absl::Duration kLeastRetention = absl::Seconds(1);

// Empty where there is none.
absl::StatusOr<std::string> Password() {
  const std::string file = absl::GetFlag(FLAGS_redis_password_file);
  if (file.empty()) return "";
  DARKROOM_ASSIGN_OR_RETURN(const std::string text, ReadFile(file, kMaxPasswordBytes));
  return std::string(absl::StripSuffix(text, "\n"));
}

absl::Status CheckRetention() {
  if (absl::GetFlag(FLAGS_retention) >= kLeastRetention) return absl::OkStatus();
  return absl::InvalidArgumentError("below 1s");
}

}  // namespace

std::vector<absl::Status> CheckRedisFlags() {
  std::vector<absl::Status> found = {
      OfFlag("redis", ParseEndpoint(absl::GetFlag(FLAGS_redis)).status()),
      OfFlag("redis_password_file", Password().status()),
      OfFlag("pool", CheckPoolName(absl::GetFlag(FLAGS_pool))),
      OfFlag("retention", CheckRetention())};
  for (const std::string& text : absl::GetFlag(FLAGS_redis_sentinels)) {
    found.push_back(OfFlag("redis_sentinels", ParseEndpoint(text).status()));
  }
  return found;
}

absl::StatusOr<RedisOptions> RedisOptionsFromFlags() {
  DARKROOM_RETURN_IF_ERROR(FirstError(CheckRedisFlags()));
  RedisOptions options;
  DARKROOM_ASSIGN_OR_RETURN(options.endpoint, ParseEndpoint(absl::GetFlag(FLAGS_redis)));
  for (const std::string& text : absl::GetFlag(FLAGS_redis_sentinels)) {
    DARKROOM_ASSIGN_OR_RETURN(const RedisEndpoint sentinel, ParseEndpoint(text));
    options.endpoint.sentinels.push_back({sentinel.host, sentinel.port});
  }
  options.endpoint.master = absl::GetFlag(FLAGS_redis_master);
  DARKROOM_ASSIGN_OR_RETURN(options.endpoint.password, Password());
  options.pool = absl::GetFlag(FLAGS_pool);
  options.durations.retention = absl::GetFlag(FLAGS_retention);
  options.allow_unsafe = absl::GetFlag(FLAGS_allow_unsafe_redis);
  return options;
}

}  // namespace darkroom::scheduler
