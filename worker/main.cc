// darkroom-worker: makes the pictures of a pool on one device. One per GPU, or one on the CPU.

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/statusor.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "worker/diffusion/torch_backend.h"
#include "worker/engine/model_catalogue.h"
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
ABSL_FLAG(std::string, device, "cpu", "cpu, cuda or cuda:N");
ABSL_FLAG(std::string, dtype, "auto",
          "float32, float16, bfloat16, or auto: float32 on a CPU, float16 elsewhere");
ABSL_FLAG(int, threads, 0, "threads on the CPU; 0: as many as it has cores");

namespace {

using darkroom::diffusion::Backend;
using darkroom::worker::FoundModel;
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

absl::StatusOr<std::unique_ptr<Backend>> Load(const FoundModel& model, int max_rows) {
  const std::string vae = absl::GetFlag(FLAGS_vae);
  return darkroom::diffusion::LoadTorchBackend(
      model.path, {.device = absl::GetFlag(FLAGS_device),
                   .dtype = absl::GetFlag(FLAGS_dtype),
                   .threads = absl::GetFlag(FLAGS_threads),
                   .max_rows = max_rows,
                   .model_hash = model.hash,
                   .vae = vae.empty() ? model.vae : std::filesystem::path(vae),
                   .tokenizer = TokenizerPath()});
}

// A model that was named has to load; of those that were found, the others are served without it.
absl::StatusOr<std::vector<ServedModel>> LoadModels(int max_rows) {
  std::vector<std::filesystem::path> roots;
  for (const std::string& root : absl::GetFlag(FLAGS_models)) roots.emplace_back(root);
  const std::vector<std::string> named = absl::GetFlag(FLAGS_model);
  DARKROOM_ASSIGN_OR_RETURN(const std::vector<FoundModel> found,
                            darkroom::worker::FindModels(roots, named));
  std::vector<ServedModel> models;
  absl::Status last;
  for (const FoundModel& model : found) {
    darkroom::log::Info("loading a model", {{"model", model.id}, {"hash", model.hash}});
    auto backend = Load(model, max_rows);
    if (backend.ok()) {
      models.push_back({model.id, model.display_name, *std::move(backend)});
      continue;
    }
    last = backend.status();
    if (!named.empty()) return last;
    darkroom::log::Warning("a model is not served", {{"model", model.id}, {"why", last.message()}});
  }
  if (models.empty()) return last;
  return models;
}

}  // namespace

int main(int argc, char** argv) {
  return darkroom::worker::WorkerMain("Makes the pictures of a Darkroom pool on one device.", argc,
                                      argv, LoadModels);
}
