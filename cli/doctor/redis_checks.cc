#include "cli/doctor/redis_checks.h"

#include <cstdint>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cli/doctor/byte_text.h"
#include "common/redis_terms.h"

namespace darkroom::cli {
namespace {

constexpr absl::Duration kTolerableSkew = absl::Seconds(1);

using Fields = std::map<std::string, std::string>;

std::string TextOf(const Fields& fields, absl::string_view name) {
  const auto field = fields.find(std::string(name));
  return field == fields.end() ? "" : field->second;
}

std::int64_t NumberOf(const Fields& fields, absl::string_view name) {
  std::int64_t number = 0;
  return absl::SimpleAtoi(TextOf(fields, name), &number) ? number : 0;
}

Finding NotReached(const RedisFacts& facts) {
  const std::string what = std::string(facts.reached.message());
  if (absl::IsPermissionDenied(facts.reached)) {
    return {Verdict::kProblem, "redis", absl::StrCat(facts.address, ": ", what),
            "write its password, `requirepass` of redis.conf, into a file, and set "
            "redis_password_file to that"};
  }
  return {Verdict::kProblem, "redis", absl::StrCat("nobody answers at ", facts.address, ": ", what),
          "start redis-server there, or set redis (or redis_sentinels) to where it runs; from "
          "another machine it has to be reachable through `bind` and the firewall"};
}

Finding CheckVersion(const RedisFacts& facts) {
  const std::string version = TextOf(facts.info, "redis_version");
  const std::string what = absl::StrCat("version ", version, " at ", facts.address);
  int major = 0;
  const bool read = absl::SimpleAtoi(version.substr(0, version.find('.')), &major);
  if (read && major >= kLeastRedisVersion) return {Verdict::kOk, "redis", what};
  return {Verdict::kProblem, "redis", what,
          absl::StrCat("the queue needs version ", kLeastRedisVersion,
                       " or later; Debian 12 and Ubuntu 24.04 have it")};
}

Findings CheckSettings(const Fields& settings) {
  Findings found;
  std::vector<absl::string_view> right;
  for (const DurableSetting& setting : kDurableSettings) {
    const std::string value = TextOf(settings, setting.name);
    if (value == setting.value) continue;
    const bool untold = value.empty();
    found.push_back(
        {untold ? Verdict::kWarning : Verdict::kProblem, "redis settings",
         untold ? absl::StrCat("it does not tell ", setting.name)
                : absl::StrCat(setting.name, " is ", value, ", so that ", setting.otherwise),
         absl::StrCat("set \"", setting.name, " ", setting.value,
                      "\" in redis.conf; until the next "
                      "restart `redis-cli config set ",
                      setting.name, " ", setting.value, "`")});
  }
  if (found.empty()) {
    found.push_back({Verdict::kOk, "redis settings", "it keeps what it acknowledges"});
  }
  return found;
}

Finding CheckMemory(const RedisFacts& facts) {
  const std::int64_t used = NumberOf(facts.info, "used_memory");
  const std::int64_t most = NumberOf(facts.info, "maxmemory");
  if (most == 0) {
    return {Verdict::kWarning, "redis memory",
            absl::StrCat("it uses ", ByteText(used), ", and maxmemory sets no bound"),
            "set maxmemory in redis.conf, to about half of the memory that Redis can have; then "
            "new jobs are refused in time, where the kernel would end Redis"};
  }
  const std::string what = absl::StrCat("it uses ", ByteText(used), " of ", ByteText(most));
  if (static_cast<double>(used) <= kRedisFull * static_cast<double>(most)) {
    return {Verdict::kOk, "redis memory", what};
  }
  return {Verdict::kProblem, "redis memory", absl::StrCat(what, ", so that new jobs are refused"),
          "raise maxmemory, or keep ended jobs for a shorter time: retention"};
}

// Nothing when all is well: there is no line for what hardly ever happens.
Findings CheckStanding(const Fields& info) {
  Findings found;
  if (TextOf(info, "role") == "slave") {
    found.push_back({Verdict::kProblem, "redis role", "it is a replica and takes no writes",
                     "set redis to its master, or redis_sentinels to those that know it"});
  }
  if (TextOf(info, "aof_enabled") == "1" && TextOf(info, "aof_last_write_status") != "ok") {
    found.push_back({Verdict::kProblem, "redis log",
                     "the last write to its append-only file failed",
                     "look into the log of redis-server: most often its disk is full"});
  }
  if (TextOf(info, "aof_enabled") == "1" && TextOf(info, "aof_last_bgrewrite_status") != "ok") {
    found.push_back({Verdict::kProblem, "redis log",
                     "the last rewrite of its append-only file failed, so that it only grows",
                     "make room on its disk and in memory, then `redis-cli bgrewriteaof`"});
  }
  return found;
}

Finding CheckOvercommit(absl::string_view overcommit) {
  const std::string what = absl::StrCat("vm.overcommit_memory is ", overcommit);
  if (overcommit == "1") return {Verdict::kOk, "redis memory", what};
  return {Verdict::kWarning, "redis memory",
          absl::StrCat(what, ": Redis may not be able to fork, and its log only grows"),
          "`sysctl vm.overcommit_memory=1`, and the same line in /etc/sysctl.d/redis.conf"};
}

Finding CheckClock(const RedisFacts& facts) {
  const absl::Duration apart = absl::AbsDuration(facts.ahead);
  if (apart <= kTolerableSkew + facts.uncertainty) {
    return {Verdict::kOk, "clock", "this machine and Redis agree"};
  }
  return {
      Verdict::kWarning, "clock",
      absl::StrCat("Redis is ", absl::FormatDuration(absl::Trunc(apart, absl::Milliseconds(1))),
                   facts.ahead > absl::ZeroDuration() ? " ahead of" : " behind",
                   " this machine: jobs go by the time of Redis, logs and metrics by this one's"),
      "let both follow a time server: `timedatectl set-ntp true`"};
}

}  // namespace

Findings CheckRedis(const RedisFacts& facts) {
  if (!facts.reached.ok()) return {NotReached(facts)};
  Findings found = {CheckVersion(facts)};
  const auto add = [&found](Findings more) {
    for (Finding& finding : more) found.push_back(std::move(finding));
  };
  add(CheckSettings(facts.settings));
  add({CheckMemory(facts)});
  add(CheckStanding(facts.info));
  if (facts.is_here && !facts.overcommit.empty()) add({CheckOvercommit(facts.overcommit)});
  add({CheckClock(facts)});
  return found;
}

}  // namespace darkroom::cli
