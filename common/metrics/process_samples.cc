#include "common/metrics/process_samples.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/metrics/names.h"

namespace darkroom::metrics {
namespace {

double SecondsOf(const timeval& time) {
  return absl::ToDoubleSeconds(absl::DurationFromTimeval(time));
}

// Of the machine, since 1970, in seconds.
std::optional<double> BootTime() {
  std::ifstream stat("/proc/stat");
  std::string word;
  double time = 0;
  while (stat >> word) {
    if (word == "btime" && stat >> time) return time;
  }
  return std::nullopt;
}

// Of this process, since 1970, in seconds: proc(5).
std::optional<double> StartTime() {
  constexpr std::size_t kTicksSinceBoot = 20;  // the field's place behind the name
  std::ifstream stat("/proc/self/stat");
  std::string line;
  std::getline(stat, line);
  const std::vector<std::string> fields =
      absl::StrSplit(absl::string_view(line).substr(line.rfind(')') + 1), ' ');
  const std::optional<double> boot = BootTime();
  double ticks = 0;
  if (!boot.has_value() || fields.size() <= kTicksSinceBoot ||
      !absl::SimpleAtod(fields[kTicksSinceBoot], &ticks)) {
    return std::nullopt;
  }
  return *boot + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

void ShowProcess(Samples& samples) {
  if (const std::optional<double> start = StartTime()) samples.Set(kProcessStart, *start);
  rusage usage = {};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    samples.Set(kProcessCpu, SecondsOf(usage.ru_utime) + SecondsOf(usage.ru_stime));
  }
  double pages = 0;
  double resident = 0;
  if (std::ifstream("/proc/self/statm") >> pages >> resident) {
    samples.Set(kProcessMemory, resident * static_cast<double>(sysconf(_SC_PAGESIZE)));
  }
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error) return;
  // One of them is this look's own.
  samples.Set(kProcessFiles, static_cast<double>(std::distance(begin(files), end(files)) - 1));
}

}  // namespace darkroom::metrics
