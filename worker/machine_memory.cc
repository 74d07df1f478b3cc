#include "worker/machine_memory.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>

namespace darkroom::worker {
namespace {

// The number behind a name, in bytes.
std::optional<std::int64_t> FromMeminfo(const std::string& name) {
  std::ifstream meminfo("/proc/meminfo");
  std::string word;
  std::int64_t kibibytes = 0;
  while (meminfo >> word) {
    if (word == name && meminfo >> kibibytes) return kibibytes * 1024;
    meminfo.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return std::nullopt;
}

std::optional<std::int64_t> OfThisProcess() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t all = 0;
  std::int64_t resident = 0;
  if (!(statm >> all >> resident)) return std::nullopt;
  return resident * std::int64_t{sysconf(_SC_PAGESIZE)};
}

}  // namespace

std::optional<diffusion::DeviceMemory> ReadMachineMemory() {
  const std::optional<std::int64_t> all = FromMeminfo("MemTotal:");
  const std::optional<std::int64_t> free = FromMeminfo("MemAvailable:");
  const std::optional<std::int64_t> worker = OfThisProcess();
  if (!all || !free || !worker) return std::nullopt;
  // Files that it maps are its own and can be given up.
  return diffusion::DeviceMemory{.worker = *worker,
                                 .others = std::max<std::int64_t>(*all - *free - *worker, 0),
                                 .free = *free};
}

}  // namespace darkroom::worker
