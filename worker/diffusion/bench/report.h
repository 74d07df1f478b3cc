#ifndef DARKROOM_WORKER_DIFFUSION_BENCH_REPORT_H_
#define DARKROOM_WORKER_DIFFUSION_BENCH_REPORT_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "worker/diffusion/bench/measurements.h"

namespace darkroom::diffusion {

// What a run was made with.
struct ReportHeader {
  std::string model;
  std::string device;
  std::string dtype;
  int threads = 0;
  absl::Duration load;             // what loading the model took
  std::int64_t peak_resident = 0;  // bytes of the host's memory, at most, up to now
  double unet_flops = 0;           // of one UNet row
  double peak_tflops = 0;          // of the device; 0: unknown
};

// One JSON object, times in milliseconds, ending in a line feed.
std::string FormatReport(const ReportHeader& header, const Workload& workload,
                         const Measurements& measured);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_BENCH_REPORT_H_
