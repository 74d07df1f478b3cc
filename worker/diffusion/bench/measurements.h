#ifndef DARKROOM_WORKER_DIFFUSION_BENCH_MEASUREMENTS_H_
#define DARKROOM_WORKER_DIFFUSION_BENCH_MEASUREMENTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "worker/diffusion/backend.h"

namespace darkroom::diffusion {

// What is measured, through the seam that the worker uses too.
struct Workload {
  int side = 0;  // pixels
  int steps = 20;
  int jobs = 16;    // whole pictures; 0: none are made
  int repeats = 5;  // of everything; medians are reported
  std::vector<int> rows = {1, 2, 4, 8, 16, 32};
  // Names of LoRAs that the backend has: one a job, by turns.
  std::vector<std::string> loras = {};
};

struct StepTime {
  int rows = 0;  // images; guidance makes two rows of the UNet of each
  absl::Duration median;
};

struct PictureTimes {
  int jobs = 0;
  absl::Duration one_at_a_time;  // all jobs, median
  absl::Duration together;
  double speedup = 0;  // median of the ratio of neighbouring runs
};

struct Measurements {
  BatchKey key;
  absl::Duration text_encode;   // both prompts of a job, and its noise
  std::vector<StepTime> steps;  // without those that did not fit the device
  absl::Duration decode;
  PictureTimes pictures;
};

// Of an odd or even number of values, at least one.
absl::Duration Median(std::vector<absl::Duration> values);

absl::StatusOr<Measurements> Measure(Backend& backend, const Workload& workload);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_BENCH_MEASUREMENTS_H_
