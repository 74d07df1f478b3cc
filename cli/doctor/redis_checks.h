#ifndef DARKROOM_CLI_DOCTOR_REDIS_CHECKS_H_
#define DARKROOM_CLI_DOCTOR_REDIS_CHECKS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/doctor/finding.h"

namespace darkroom::cli {

// What a Redis says of itself.
struct RedisFacts {
  std::string address;  // where it was looked for: "10.0.0.2:6379"
  absl::Status
      reached;  // UNAVAILABLE: nobody answers; PERMISSION_DENIED: it wants another password
  std::map<std::string, std::string> info;      // the fields of INFO
  std::map<std::string, std::string> settings;  // of CONFIG GET, those that it tells
  bool is_here = false;        // it runs on this machine, so the next one is about it
  std::string overcommit;      // /proc/sys/vm/overcommit_memory; empty: not known
  absl::Duration ahead;        // how far its clock is before this machine's
  absl::Duration uncertainty;  // of that
};

// Version, the settings with which it keeps jobs, memory, its log's last write, role, overcommit
// and clock; only that it was not reached, when it was not. Pure.
Findings CheckRedis(const RedisFacts& facts);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_DOCTOR_REDIS_CHECKS_H_
