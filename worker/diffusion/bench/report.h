#ifndef DARKROOM_WORKER_DIFFUSION_BENCH_REPORT_H_
#define DARKROOM_WORKER_DIFFUSION_BENCH_REPORT_H_

#include <string>

#include "worker/diffusion/bench/measurements.h"

namespace darkroom::diffusion {

// What a run was made with.
struct ReportHeader {
  std::string model;
  std::string device;
  std::string dtype;
  int threads = 0;
  double unet_flops = 0;   // of one UNet row
  double peak_tflops = 0;  // of the device; 0: unknown
};

// One JSON object, times in milliseconds, ending in a line feed.
std::string FormatReport(const ReportHeader& header, const Workload& workload,
                         const Measurements& measured);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_BENCH_REPORT_H_
