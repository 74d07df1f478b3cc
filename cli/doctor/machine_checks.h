#ifndef DARKROOM_CLI_DOCTOR_MACHINE_CHECKS_H_
#define DARKROOM_CLI_DOCTOR_MACHINE_CHECKS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/doctor/finding.h"

namespace darkroom::cli {

struct Gpu {
  std::string name;                   // "NVIDIA H100 80GB HBM3"
  std::int64_t memory_mebibytes = 0;  // of which
  std::int64_t free_mebibytes = 0;
};

struct GpuFacts {
  std::string device;  // that the worker is to compute on: "cpu", "cuda", "cuda:1"
  std::string driver_version =
      {};  // of the NVIDIA driver that is loaded, "580.95.05"; empty: none is
  std::optional<std::vector<Gpu>> gpus = {};  // nothing: nvidia-smi could not be asked
};

// The driver, and the device that the worker wants; or that it computes on the CPU. Pure.
Findings CheckGpu(const GpuFacts& facts);

// "NAME, 81559, 80994" a line, as `nvidia-smi --query-gpu=name,memory.total,memory.free
// --format=csv,noheader,nounits` prints it; other lines are left out. Pure.
std::vector<Gpu> ParseGpus(absl::string_view text);
// "580.95.05" out of /proc/driver/nvidia/version; empty without one. Pure.
std::string ParseDriverVersion(absl::string_view text);

struct DiskFacts {
  std::string use;  // what it is for: "redis disk"
  std::string path;
  std::int64_t free = 0;    // bytes
  std::int64_t needed = 0;  // with fewer it does not work
  std::int64_t wanted = 0;  // with fewer it soon may not
  std::string otherwise;    // what happens without room
};

// Pure.
Finding CheckDisk(const DiskFacts& facts);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_DOCTOR_MACHINE_CHECKS_H_
