#include "cli/doctor/machine_checks.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/doctor/byte_text.h"

namespace darkroom::cli {
namespace {

// That programs of CUDA 13, which the pinned libtorch is, run with (NVIDIA, "CUDA Compatibility").
constexpr int kLeastDriver = 580;

constexpr absl::string_view kToCpu = "; or set device to \"cpu\" in [worker]";

std::string GpuText(const Gpu& gpu) {
  return absl::StrCat(gpu.name, ", ", gpu.free_mebibytes, " of ", gpu.memory_mebibytes,
                      " MiB free");
}

std::string GpusText(const GpuFacts& facts) {
  if (!facts.gpus.has_value() || facts.gpus->empty()) return "its GPUs are not known";
  return absl::StrJoin(*facts.gpus, "; ", [](std::string* out, const Gpu& gpu) {
    absl::StrAppend(out, GpuText(gpu));
  });
}

Findings CheckCpu(const GpuFacts& facts) {
  if (facts.driver_version.empty()) {
    return {{Verdict::kOk, "device", "the worker computes on the CPU; there is no NVIDIA driver"}};
  }
  return {{Verdict::kWarning, "device",
           absl::StrCat("the worker computes on the CPU, and this machine has an NVIDIA driver: ",
                        GpusText(facts)),
           "set device to \"cuda\" in [worker], of a worker that was built with CUDA"}};
}

Finding CheckDriver(const std::string& version) {
  int major = 0;
  const bool read = absl::SimpleAtoi(version.substr(0, version.find('.')), &major);
  if (read && major >= kLeastDriver)
    return {Verdict::kOk, "driver", absl::StrCat("NVIDIA ", version)};
  return {Verdict::kProblem, "driver",
          absl::StrCat("NVIDIA ", version, " is older than CUDA 13 runs with"),
          absl::StrCat("install version ", kLeastDriver, " or later", kToCpu)};
}

Finding CheckDevice(const GpuFacts& facts) {
  absl::string_view number = facts.device;
  std::size_t index = 0;
  if (absl::ConsumePrefix(&number, "cuda:") && !absl::SimpleAtoi(number, &index)) {
    return {Verdict::kProblem, "device", absl::StrCat(facts.device, " is no device"),
            "set device to \"cpu\", \"cuda\" or \"cuda:1\" in [worker]"};
  }
  if (!facts.gpus.has_value()) {
    return {Verdict::kWarning, "device", "nvidia-smi does not run here, so the GPUs are not known",
            "install it with the driver; a container needs the GPU given to it"};
  }
  if (index < facts.gpus->size()) {
    return {Verdict::kOk, "device",
            absl::StrCat(facts.device, ": ", GpuText((*facts.gpus)[index]))};
  }
  return {Verdict::kProblem, "device",
          absl::StrCat("there is no ", facts.device, "; this machine shows ", facts.gpus->size(),
                       " GPUs"),
          absl::StrCat("set device to one that is there, \"cuda\" or \"cuda:0\" for the first",
                       kToCpu)};
}

}  // namespace

Findings CheckGpu(const GpuFacts& facts) {
  if (facts.device == "cpu") return CheckCpu(facts);
  if (facts.driver_version.empty()) {
    return {{Verdict::kProblem, "driver",
             absl::StrCat("the worker is to compute on ", facts.device,
                          ", and no NVIDIA driver is loaded"),
             absl::StrCat("install it (Debian: nvidia-driver) and restart; a container needs the "
                          "GPU given to it",
                          kToCpu)}};
  }
  return {CheckDriver(facts.driver_version), CheckDevice(facts)};
}

std::vector<Gpu> ParseGpus(absl::string_view text) {
  std::vector<Gpu> gpus;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipWhitespace())) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ',');
    Gpu gpu;
    if (fields.size() != 3 || !absl::SimpleAtoi(fields[1], &gpu.memory_mebibytes) ||
        !absl::SimpleAtoi(fields[2], &gpu.free_mebibytes)) {
      continue;
    }
    gpu.name = std::string(absl::StripAsciiWhitespace(fields[0]));
    gpus.push_back(std::move(gpu));
  }
  return gpus;
}

std::string ParseDriverVersion(absl::string_view text) {
  // "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build ..."
  const absl::string_view first = text.substr(0, text.find('\n'));
  for (const absl::string_view word : absl::StrSplit(first, ' ', absl::SkipEmpty())) {
    const std::vector<absl::string_view> parts = absl::StrSplit(word, '.');
    int number = 0;
    if (parts.size() >= 2 && absl::SimpleAtoi(parts[0], &number) &&
        absl::SimpleAtoi(parts[1], &number)) {
      return std::string(word);
    }
  }
  return "";
}

Finding CheckDisk(const DiskFacts& facts) {
  const std::string what = absl::StrCat(facts.path, " has ", ByteText(facts.free), " free");
  if (facts.free >= facts.wanted) return {Verdict::kOk, facts.use, what};
  return {facts.free >= facts.needed ? Verdict::kWarning : Verdict::kProblem, facts.use,
          absl::StrCat(what, "; without room ", facts.otherwise),
          absl::StrCat("make room there for ", ByteText(facts.wanted),
                       ", or move it to a larger disk")};
}

}  // namespace darkroom::cli
