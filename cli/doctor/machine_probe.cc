#include "cli/doctor/machine_probe.h"

#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/doctor/captured_run.h"
#include "cli/up/programs.h"

namespace darkroom::cli {
namespace {

namespace fs = std::filesystem;

// A worker has to load libtorch before it can say anything.
constexpr absl::Duration kProgramPatience = absl::Seconds(60);
constexpr absl::Duration kSmiPatience = absl::Seconds(20);

constexpr char kEnding[] = ".safetensors";
constexpr char kCheckpointFolder[] = "Stable-diffusion";  // of AUTOMATIC1111
constexpr std::size_t kLengthBytes = 8;

absl::Status CheckFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (!file || error) return absl::PermissionDeniedError("it cannot be read");
  std::string header(kLengthBytes, '\0');
  file.read(header.data(), static_cast<std::streamsize>(header.size()));
  header.resize(static_cast<std::size_t>(file.gcount()));
  const std::uint64_t whole = HeaderBytes(header);
  if (whole > header.size() && whole <= size) {
    const std::size_t had = header.size();
    header.resize(whole);
    file.read(header.data() + had, static_cast<std::streamsize>(whole - had));
    header.resize(had + static_cast<std::size_t>(file.gcount()));
  }
  return CheckSafetensors(header, size);
}

void LookAtWeights(const fs::path& path, ModelFacts& facts) {
  absl::Status whole = CheckFile(path);
  if (!whole.ok()) facts.damaged.push_back({path.string(), std::move(whole)});
}

bool IsWeights(const fs::path& path) {
  std::error_code error;
  return absl::EndsWith(path.filename().string(), kEnding) && fs::is_regular_file(path, error);
}

// The weights of a folder's parts, which lie one level below it.
void LookAtFolder(const fs::path& folder, ModelFacts& facts) {
  ++facts.models;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry.depth() >= 1) entry.disable_recursion_pending();
    if (IsWeights(entry->path())) LookAtWeights(entry->path(), facts);
  }
}

void LookAtFile(const fs::path& path, ModelFacts& facts) {
  if (IsWeights(path)) {
    if (!absl::EndsWith(path.filename().string(), ".vae.safetensors")) ++facts.models;
    LookAtWeights(path, facts);
  }
  for (const char* ending : {".ckpt", ".pt", ".pth"}) {
    if (path.extension() == ending) facts.pickles.push_back(path.string());
  }
}

void LookAtTree(const fs::path& folder, ModelFacts& facts) {
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    LookAtFile(entry->path(), facts);
  }
}

}  // namespace

GpuFacts ProbeGpu(const std::string& device) {
  GpuFacts facts;
  facts.device = device;
  std::ifstream version("/proc/driver/nvidia/version");
  facts.driver_version = ParseDriverVersion(
      std::string(std::istreambuf_iterator<char>(version), std::istreambuf_iterator<char>()));
  if (facts.driver_version.empty()) return facts;
  const absl::StatusOr<CapturedRun> smi = RunCaptured(
      {"nvidia-smi", "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"},
      kSmiPatience);
  if (smi.ok() && smi->exit_status == 0) facts.gpus = ParseGpus(smi->out);
  return facts;
}

std::optional<std::int64_t> FreeBytes(const fs::path& path) {
  std::error_code error;
  const fs::space_info space = fs::space(path, error);
  if (error) return std::nullopt;
  return static_cast<std::int64_t>(space.available);
}

ModelFacts ProbeModels(const fs::path& root) {
  ModelFacts facts;
  facts.root = fs::absolute(root).string();
  if (IsWeights(root)) {
    LookAtFile(root, facts);
    return facts;
  }
  std::error_code error;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& path = entry->path();
    std::error_code missing;
    if (fs::exists(path / "model_index.json", missing)) {
      LookAtFolder(path, facts);
    } else if (path.filename() == kCheckpointFolder && fs::is_directory(path, missing)) {
      LookAtTree(path, facts);
    } else {
      LookAtFile(path, facts);
    }
  }
  if (error) {
    facts.readable = absl::NotFoundError(absl::StrCat(facts.root, ": ", error.message()));
  }
  return facts;
}

ProgramFacts ProbeProgram(const std::string& process, const std::string& config) {
  ProgramFacts facts;
  facts.process = process;
  const absl::StatusOr<fs::path> program = FindSibling(absl::StrCat("darkroom-", process));
  if (!program.ok()) return facts;
  facts.installed = true;
  std::vector<std::string> line = {program->string(), "--check_config"};
  if (!config.empty()) line.insert(line.end(), {"--config", config});
  const absl::StatusOr<CapturedRun> run = RunCaptured(std::move(line), kProgramPatience);
  if (!run.ok()) {
    facts.exit_status = 1;
    facts.complaints = std::string(run.status().message());
    return facts;
  }
  facts.exit_status = run->exit_status;
  facts.complaints = run->err;
  facts.settings = ParseConfig(absl::StrCat("the settings of the ", process), run->out);
  return facts;
}

}  // namespace darkroom::cli
