#include "common/metrics/process_samples.h"

#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace darkroom::metrics {
namespace {

std::map<std::string, double> ProcessAsShown() {
  Samples samples;
  ShowProcess(samples);
  std::map<std::string, double> shown;
  for (const Samples::Sample& sample : samples.all()) {
    shown[std::string(sample.name)] = sample.value;
  }
  return shown;
}

TEST(ProcessSamplesTest, TellsWhenItStartedAndWhatItTakes) {
  const std::map<std::string, double> shown = ProcessAsShown();
  const double now = static_cast<double>(absl::ToUnixSeconds(absl::Now()));
  EXPECT_GT(shown.at("process_start_time_seconds"), now - 24 * 3600);
  EXPECT_LT(shown.at("process_start_time_seconds"), now + 60) << "but for a clock that was set";
  EXPECT_GT(shown.at("process_resident_memory_bytes"), 1e5);
  EXPECT_GE(shown.at("process_cpu_seconds_total"), 0);
}

TEST(ProcessSamplesTest, ProcessorTimeRisesWithWork) {
  const double before = ProcessAsShown().at("process_cpu_seconds_total");
  volatile double sum = 0;
  for (int i = 0; i < 50'000'000; ++i) sum = sum + i;
  EXPECT_GT(ProcessAsShown().at("process_cpu_seconds_total"), before);
}

TEST(ProcessSamplesTest, OpenFilesAreCounted) {
  const double before = ProcessAsShown().at("process_open_fds");
  std::vector<int> files;
  for (int i = 0; i < 3; ++i) files.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(ProcessAsShown().at("process_open_fds"), before + 3);
  for (const int file : files) close(file);
  EXPECT_EQ(ProcessAsShown().at("process_open_fds"), before);
}

}  // namespace
}  // namespace darkroom::metrics
