#ifndef DARKROOM_WORKER_DIFFUSION_BENCH_LOAD_RATE_H_
#define DARKROOM_WORKER_DIFFUSION_BENCH_LOAD_RATE_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "worker/diffusion/torch_backend.h"

namespace darkroom::diffusion {

// How soon a model is in memory, beside how soon its files can be read. Medians.
struct LoadRate {
  std::int64_t file_bytes = 0;   // of the files that have weights
  std::int64_t model_bytes = 0;  // of the weights as they are computed with
  absl::Duration read_cold;      // one file after another, once the system has forgotten them
  absl::Duration load_cold;      // the model, likewise
  absl::Duration load_warm;      // the model, its files in the system's cache
};

// Reads and loads `repeats` times, in turns. `model`: a folder or a checkpoint. The files must have
// been written back to the disk (sync) and no other process may map them, or they are not
// forgotten.
absl::StatusOr<LoadRate> MeasureLoadRate(const std::filesystem::path& model,
                                         const TorchBackendOptions& options, int repeats);

// One JSON object, ending in a line feed. `peak_resident`: bytes of the process.
std::string FormatLoadRate(const LoadRate& rate, std::int64_t peak_resident);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_BENCH_LOAD_RATE_H_
