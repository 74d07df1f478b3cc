#include "cli/doctor/doctor.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "cli/doctor/machine_probe.h"
#include "cli/doctor/model_checks.h"
#include "cli/doctor/port_probe.h"
#include "cli/doctor/redis_checks.h"
#include "cli/doctor/redis_probe.h"
#include "cli/doctor/service_checks.h"

namespace darkroom::cli {
namespace {

constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;
constexpr std::int64_t kGibibyte = std::int64_t{1} << 30;

void Append(Findings more, Findings& found) {
  for (Finding& finding : more) found.push_back(std::move(finding));
}

std::vector<std::string> ListOf(const ProgramFacts& program, absl::string_view key) {
  return absl::StrSplit(SettingOf(program, key), ',', absl::SkipEmpty());
}

std::vector<PortFacts> ProbePorts(const std::vector<ProgramFacts>& programs) {
  std::vector<PortFacts> ports;
  for (const ProgramFacts& program : programs) {
    for (const char* setting : {"listen", "http_listen", "metrics_listen"}) {
      const std::string address = SettingOf(program, setting);
      if (address.empty() || address.starts_with("unix")) continue;
      ports.push_back(ProbePort(program.process, setting, address));
    }
  }
  return ports;
}

// Where the programs look for Redis; one place, when all agree.
std::vector<RedisPlace> PlacesOf(const std::vector<ProgramFacts>& programs) {
  std::vector<RedisPlace> places;
  for (const ProgramFacts& program : programs) {
    if (program.settings.entries.empty()) continue;
    RedisPlace place{.address = SettingOf(program, "redis"),
                     .sentinels = ListOf(program, "redis_sentinels"),
                     .master = SettingOf(program, "redis_master"),
                     .password_file = SettingOf(program, "redis_password_file")};
    if (std::find(places.begin(), places.end(), place) == places.end()) {
      places.push_back(std::move(place));
    }
  }
  return places;
}

std::int64_t NumberOf(const RedisFacts& facts, const std::string& field) {
  const auto found = facts.info.find(field);
  std::int64_t number = 0;
  return found != facts.info.end() && absl::SimpleAtoi(found->second, &number) ? number : 0;
}

// A rewrite of the log needs room for another one beside it.
Findings ExamineRedisDisk(const RedisFacts& facts) {
  const auto dir = facts.settings.find("dir");
  if (!facts.is_here || dir == facts.settings.end()) return {};
  const std::optional<std::int64_t> free = FreeBytes(dir->second);
  if (!free.has_value()) return {};  // in a container of its own
  const std::int64_t log = NumberOf(facts, "aof_current_size");
  return {CheckDisk({.use = "redis disk",
                     .path = dir->second,
                     .free = *free,
                     .needed = std::max(log, 256 * kMebibyte),
                     .wanted = std::max({log, 2 * NumberOf(facts, "maxmemory"), kGibibyte}),
                     .otherwise = "Redis takes no jobs"})};
}

Findings ExamineModels(const ProgramFacts& worker) {
  Findings found;
  for (const std::string& root : ListOf(worker, "models")) {
    Append(CheckModels(ProbeModels(root)), found);
    const std::optional<std::int64_t> free = FreeBytes(root);
    if (!free.has_value()) continue;
    found.push_back(CheckDisk({.use = "models disk",
                               .path = std::filesystem::absolute(root).string(),
                               .free = *free,
                               .needed = 0,
                               .wanted = 8 * kGibibyte,
                               .otherwise = "another model does not fit"}));
  }
  return found;
}

}  // namespace

Findings Examine(const std::string& config) {
  std::vector<ProgramFacts> programs;
  for (const char* process : {"gateway", "scheduler", "worker"}) {
    programs.push_back(ProbeProgram(process, config));
  }
  Findings found = CheckPrograms(programs);
  Append(CheckPorts(ProbePorts(programs)), found);
  for (const RedisPlace& place : PlacesOf(programs)) {
    const RedisFacts facts = ProbeRedis(place);
    Append(CheckRedis(facts), found);
    if (facts.reached.ok()) Append(ExamineRedisDisk(facts), found);
  }
  const ProgramFacts& worker = programs.back();
  const std::string device = SettingOf(worker, "device");
  if (!device.empty()) Append(CheckGpu(ProbeGpu(device)), found);
  Append(ExamineModels(worker), found);
  return found;
}

}  // namespace darkroom::cli
