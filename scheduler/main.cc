// darkroom-scheduler: takes jobs back from lost workers and expires late ones. Any number may run.

#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/strip.h"
#include "common/drain.h"
#include "common/file.h"
#include "common/flags.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "scheduler/reaper/reaper.h"
#include "scheduler/redis/connect.h"

ABSL_FLAG(std::string, redis, "127.0.0.1:6379", "Redis of the queue, host:port");
ABSL_FLAG(std::string, redis_password_file, "", "file that holds the password of Redis");
ABSL_FLAG(std::string, pool, "default", "name of the pool of jobs and workers");
ABSL_FLAG(absl::Duration, retention, absl::Hours(1), "how long ended jobs and results are kept");
ABSL_FLAG(bool, allow_unsafe_redis, false,
          "start even if Redis is not set up to keep what it acknowledges");

namespace {

using darkroom::scheduler::Connect;
using darkroom::scheduler::Reaper;
using darkroom::scheduler::RedisOptions;
using darkroom::scheduler::RedisPorts;

absl::StatusOr<RedisOptions> OptionsFromFlags() {
  RedisOptions options;
  DARKROOM_ASSIGN_OR_RETURN(options.endpoint,
                            darkroom::scheduler::ParseEndpoint(absl::GetFlag(FLAGS_redis)));
  if (const std::string file = absl::GetFlag(FLAGS_redis_password_file); !file.empty()) {
    DARKROOM_ASSIGN_OR_RETURN(const std::string text, darkroom::ReadFile(file, 4096));
    options.endpoint.password = std::string(absl::StripSuffix(text, "\n"));
  }
  options.pool = absl::GetFlag(FLAGS_pool);
  options.durations.retention = absl::GetFlag(FLAGS_retention);
  options.allow_unsafe = absl::GetFlag(FLAGS_allow_unsafe_redis);
  return options;
}

absl::Status Run(darkroom::DrainSignal& drain) {
  DARKROOM_ASSIGN_OR_RETURN(const RedisOptions options, OptionsFromFlags());
  DARKROOM_ASSIGN_OR_RETURN(const std::unique_ptr<RedisPorts> ports, Connect(options));
  const Reaper reaper(&ports->leases());
  darkroom::log::Info("scheduler is running", {{"pool", options.pool}});
  drain.Wait();
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  darkroom::ParseFlags("Keeps the job queue of a Darkroom pool in order.", argc, argv);
  darkroom::DrainSignal drain;
  darkroom::log::Start("scheduler");
  const absl::Status status = Run(drain);
  if (!status.ok()) darkroom::log::Error("scheduler failed", {{"why", status.message()}});
  darkroom::log::Flush();
  return status.ok() ? 0 : 1;
}
