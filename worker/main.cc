// darkroom-worker: makes the pictures of a pool on one device. One per GPU, or one on the CPU.

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/settings.h"
#include "common/status_macros.h"
#include "worker/diffusion/device_memory.h"
#include "worker/diffusion/torch_backend.h"
#include "worker/engine/model_cache.h"
#include "worker/engine/model_catalogue.h"
#include "worker/engine/model_shelf.h"
#include "worker/worker_main.h"

ABSL_FLAG(std::vector<std::string>, models, {"models"},
          "where the models are, separated by commas: .safetensors checkpoints, and folders of "
          "such files and of models in the diffusers layout; AUTOMATIC1111's models folder is one");
ABSL_FLAG(std::vector<std::string>, model, {},
          "names of the models to serve, separated by commas; empty: all of them");
ABSL_FLAG(
    std::string, vae, "",
    "a VAE for every model instead of its own: a .safetensors file, or a folder that "
    "diffusers wrote; empty: NAME.vae.safetensors beside NAME.safetensors, or the model's own");
ABSL_FLAG(std::string, tokenizer, "",
          "vocabulary of the models that are single files: CLIP's bpe_simple_vocab_16e6.txt, or a "
          "folder with vocab.json and merges.txt; empty: the one that scripts/setup.sh fetched");
ABSL_FLAG(double, model_memory, 0,
          "GiB that the weights of loaded models may take together: a model that is not loaded is "
          "when a job needs it, and the one used longest ago goes; 0: half of the machine's memory "
          "on a CPU, no bound on a GPU");
ABSL_FLAG(double, job_memory, 0,
          "GiB that making pictures may take beside the models: larger pictures are refused before "
          "they are queued, and fewer images share a forward; 0: on a CPU three quarters of the "
          "memory that --model_memory leaves, no bound on a GPU");
ABSL_FLAG(std::vector<std::string>, pin, {},
          "names of models that stay loaded, separated by commas");
ABSL_FLAG(std::string, device, "cpu", "cpu, cuda or cuda:N");
ABSL_FLAG(std::string, dtype, "auto",
          "float32, float16, bfloat16, or auto: float32 on a CPU, float16 elsewhere");
ABSL_FLAG(std::int64_t, vae_whole_pixels, 0,
          "pictures of more pixels go through the VAE in bands of rows, which takes far less "
          "memory and twice as long; 0: above 1048576, 1024 x 1024");
ABSL_FLAG(int, threads, 0, "threads on the CPU; 0: as many as it has cores");

namespace {

using darkroom::OfFlag;
using darkroom::diffusion::Backend;
using darkroom::diffusion::TorchBackendOptions;
using darkroom::worker::FoundModel;
using darkroom::worker::LoadedModels;
using darkroom::worker::ModelCache;
using darkroom::worker::ModelHashes;
using darkroom::worker::ModelShelf;
using darkroom::worker::ServedModel;

std::filesystem::path TokenizerPath() {
  const std::string flag = absl::GetFlag(FLAGS_tokenizer);
  if (!flag.empty()) return flag;
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  const std::filesystem::path base =
      cache != nullptr && *cache != '\0'
          ? std::filesystem::path(cache)
          : std::filesystem::path(home == nullptr ? "" : home) / ".cache";
  return base / "darkroom" / "clip" / "bpe_simple_vocab_16e6.txt";
}

std::int64_t MachineMemory() {
  return std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
}

std::int64_t ToBytes(double gibibytes) {
  return static_cast<std::int64_t>(gibibytes * (std::int64_t{1} << 30));
}

// What is not for the weights is for pictures, but for a quarter: LoRAs, the heap, other programs.
std::int64_t JobMemory() {
  const double asked = absl::GetFlag(FLAGS_job_memory);
  if (asked > 0) return ToBytes(asked);
  if (absl::GetFlag(FLAGS_device) != "cpu") return 0;
  const double models = absl::GetFlag(FLAGS_model_memory);
  const std::int64_t left = MachineMemory() - (models > 0 ? ToBytes(models) : MachineMemory() / 2);
  return std::max<std::int64_t>(left / 4 * 3, 1);
}

// Without the model's hash.
TorchBackendOptions OptionsOf(const FoundModel& model, int max_rows) {
  const std::string vae = absl::GetFlag(FLAGS_vae);
  return {.device = absl::GetFlag(FLAGS_device),
          .dtype = absl::GetFlag(FLAGS_dtype),
          .threads = absl::GetFlag(FLAGS_threads),
          .max_rows = max_rows,
          .vae_whole_pixels = absl::GetFlag(FLAGS_vae_whole_pixels),
          .job_bytes = JobMemory(),
          .vae = vae.empty() ? model.vae : std::filesystem::path(vae),
          .tokenizer = TokenizerPath()};
}

std::int64_t ModelMemory() {
  const double gibibytes = absl::GetFlag(FLAGS_model_memory);
  if (gibibytes > 0) return ToBytes(gibibytes);
  if (absl::GetFlag(FLAGS_device) != "cpu") return std::numeric_limits<std::int64_t>::max();
  return MachineMemory() / 2;
}

// Not a file that has been replaced since: its hash and family, which clients were told, would be
// those of another model, until the worker has looked at its folders again.
absl::StatusOr<std::unique_ptr<Backend>> LoadUnchanged(const FoundModel& model,
                                                       const TorchBackendOptions& options) {
  if (darkroom::worker::StampOf(model) != model.stamp) {
    return absl::AbortedError(absl::StrCat(model.path.string(), ": is being replaced"));
  }
  return darkroom::diffusion::LoadTorchBackend(model.path, options);
}

// How models are served, at the start and later.
struct Counter {
  int max_rows = 0;
  std::set<std::string> pinned;
  std::shared_ptr<ModelCache> cache;
  ModelHashes hashes;

  absl::StatusOr<ServedModel> Serve(const FoundModel& model);
};

// What is no model is told by its header, before the whole of it is read for its hash.
absl::StatusOr<ServedModel> Counter::Serve(const FoundModel& model) {
  TorchBackendOptions options = OptionsOf(model, max_rows);
  DARKROOM_ASSIGN_OR_RETURN(darkroom::diffusion::ModelDescription description,
                            darkroom::diffusion::DescribeModel(model.path, options));
  DARKROOM_ASSIGN_OR_RETURN(options.model_hash, hashes.Of(model));
  description.info.hash = options.model_hash;
  DARKROOM_ASSIGN_OR_RETURN(
      std::unique_ptr<Backend> backend,
      cache->Serve({.id = model.id,
                    .info = std::move(description.info),
                    .tokenizer = std::move(description.tokenizer),
                    .bytes = description.bytes,
                    .pinned = pinned.count(model.id) > 0,
                    .load = [model, options] { return LoadUnchanged(model, options); }}));
  return ServedModel{model.id, model.display_name, std::move(backend)};
}

absl::StatusOr<std::set<std::string>> PinnedOf(const std::vector<FoundModel>& found) {
  std::set<std::string> pinned;
  for (const std::string& id : absl::GetFlag(FLAGS_pin)) {
    const auto named = [&id](const FoundModel& model) { return model.id == id; };
    if (std::none_of(found.begin(), found.end(), named)) {
      return absl::NotFoundError(absl::StrCat("--pin names ", id, ", which is not served"));
    }
    pinned.insert(id);
  }
  return pinned;
}

std::vector<std::filesystem::path> ModelRoots() {
  const std::vector<std::string> roots = absl::GetFlag(FLAGS_models);
  return {roots.begin(), roots.end()};
}

std::vector<absl::Status> CheckNumbers() {
  const std::pair<absl::string_view, double> numbers[] = {
      {"model_memory", absl::GetFlag(FLAGS_model_memory)},
      {"job_memory", absl::GetFlag(FLAGS_job_memory)},
      {"vae_whole_pixels", static_cast<double>(absl::GetFlag(FLAGS_vae_whole_pixels))},
      {"threads", absl::GetFlag(FLAGS_threads)}};
  std::vector<absl::Status> wrong;
  for (const auto& [flag, number] : numbers) {
    if (number >= 0) continue;  // false for what is no number, too
    wrong.push_back(absl::InvalidArgumentError(absl::StrCat("--", flag, " is below 0")));
  }
  return wrong;
}

// What was found, as its configs and headers tell it. Those that were not named may be left out, as
// long as there is another.
std::vector<absl::Status> CheckFound(const std::vector<FoundModel>& found) {
  std::vector<absl::Status> wrong;
  for (const FoundModel& model : found) {
    const absl::Status status =
        darkroom::diffusion::DescribeModel(model.path, OptionsOf(model, /*max_rows=*/1)).status();
    if (!status.ok()) wrong.push_back(status);
  }
  const bool named = !absl::GetFlag(FLAGS_model).empty();
  if (!named && wrong.size() < found.size()) {
    for (const absl::Status& status : wrong) {
      std::fprintf(stderr, "a model is not served: %s\n", std::string(status.message()).c_str());
    }
    wrong.clear();
  }
  return wrong;
}

std::vector<absl::Status> CheckModels() {
  std::vector<absl::Status> wrong = CheckNumbers();
  const absl::Status device = darkroom::diffusion::CheckDevice(
      {.device = absl::GetFlag(FLAGS_device), .dtype = absl::GetFlag(FLAGS_dtype)});
  wrong.push_back(device);
  const absl::StatusOr<std::vector<FoundModel>> found =
      darkroom::worker::FindModels(ModelRoots(), absl::GetFlag(FLAGS_model));
  if (!found.ok()) {
    wrong.push_back(OfFlag("models", found.status()));
    return wrong;
  }
  wrong.push_back(PinnedOf(*found).status());
  if (!device.ok()) return wrong;  // and every model would say it again
  for (absl::Status& status : CheckFound(*found)) wrong.push_back(std::move(status));
  return wrong;
}

// Pinned ones first, for which there must be room. A model that was named has to load; of those
// that were found, the others are served without it.
absl::StatusOr<LoadedModels> ServeModels(int max_rows) {
  DARKROOM_RETURN_IF_ERROR(darkroom::FirstError(CheckNumbers()));
  std::vector<std::filesystem::path> roots = ModelRoots();
  const std::vector<std::string> named = absl::GetFlag(FLAGS_model);
  DARKROOM_ASSIGN_OR_RETURN(std::vector<FoundModel> found,
                            darkroom::worker::FindModels(roots, named));
  const auto counter = std::make_shared<Counter>();
  counter->max_rows = max_rows;
  counter->cache = ModelCache::Create(ModelMemory());
  DARKROOM_ASSIGN_OR_RETURN(counter->pinned, PinnedOf(found));
  std::stable_partition(found.begin(), found.end(), [&](const FoundModel& model) {
    return counter->pinned.count(model.id) > 0;
  });
  const auto shelf = std::make_shared<ModelShelf>(
      roots, named, [counter](const FoundModel& model) { return counter->Serve(model); });
  const auto serve_loaded = [&counter](const FoundModel& model) -> absl::StatusOr<ServedModel> {
    DARKROOM_ASSIGN_OR_RETURN(ServedModel served, counter->Serve(model));
    DARKROOM_RETURN_IF_ERROR(counter->cache->Preload(model.id));
    return served;
  };
  LoadedModels loaded;
  DARKROOM_ASSIGN_OR_RETURN(loaded.served.models, shelf->Fill(found, serve_loaded));
  loaded.served.rescan = [shelf] { return shelf->Rescan(); };
  loaded.served.resident = [cache = counter->cache] { return cache->resident(); };
  loaded.served.traffic = [cache = counter->cache] { return cache->traffic(); };
  loaded.roots = std::move(roots);
  loaded.device = absl::GetFlag(FLAGS_device);
  if (loaded.device != "cpu") {
    loaded.device_memory = [device = loaded.device] {
      return darkroom::diffusion::ReadGpuMemory(device);
    };
  }
  return loaded;
}

}  // namespace

int main(int argc, char** argv) {
  return darkroom::worker::WorkerMain("Makes the pictures of a Darkroom pool on one device.", argc,
                                      argv, ServeModels, CheckModels);
}
