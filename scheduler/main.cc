// darkroom-scheduler: takes jobs back from lost workers and expires late ones. Any number may run.

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/drain.h"
#include "common/flags.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "scheduler/reaper/reaper.h"
#include "scheduler/redis/connect.h"
#include "scheduler/redis/redis_flags.h"

namespace {

using darkroom::scheduler::Connect;
using darkroom::scheduler::Reaper;
using darkroom::scheduler::RedisOptions;
using darkroom::scheduler::RedisPorts;

absl::Status Run(darkroom::DrainSignal& drain) {
  DARKROOM_ASSIGN_OR_RETURN(const RedisOptions options,
                            darkroom::scheduler::RedisOptionsFromFlags());
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
