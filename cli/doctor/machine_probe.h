#ifndef DARKROOM_CLI_DOCTOR_MACHINE_PROBE_H_
#define DARKROOM_CLI_DOCTOR_MACHINE_PROBE_H_

#include <filesystem>
#include <optional>
#include <string>

#include "cli/doctor/machine_checks.h"
#include "cli/doctor/model_checks.h"
#include "cli/doctor/service_checks.h"

namespace darkroom::cli {

// Looks at this machine for the checks; each blocks, some seconds at most.

// The GPUs and the driver, for a worker that computes on `device`.
GpuFacts ProbeGpu(const std::string& device);

// How many bytes a user without privileges can still write where `path` is; nothing without one.
std::optional<std::int64_t> FreeBytes(const std::filesystem::path& path);

// What lies in a folder of models, or the file that is one: its single files and folders of
// diffusers, and the files in Stable-diffusion/ at any depth. Reads headers alone.
ModelFacts ProbeModels(const std::filesystem::path& root);

// Asks a program of ours, which lies beside this one, for its settings; `config` is for its
// --config, empty: none.
ProgramFacts ProbeProgram(const std::string& process, const std::string& config);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_DOCTOR_MACHINE_PROBE_H_
