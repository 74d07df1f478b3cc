// darkroom-worker: makes the pictures of a pool on one device. One per GPU, or one on the CPU.

#include <filesystem>
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
          "folders whose subfolders are models in the diffusers layout, separated by commas");
ABSL_FLAG(std::vector<std::string>, model, {},
          "names of the models to serve, separated by commas; empty: all of them");
ABSL_FLAG(std::string, device, "cpu", "cpu, cuda or cuda:N");
ABSL_FLAG(std::string, dtype, "auto",
          "float32, float16, bfloat16, or auto: float32 on a CPU, float16 elsewhere");
ABSL_FLAG(int, threads, 0, "threads on the CPU; 0: as many as it has cores");

namespace {

using darkroom::worker::ModelFolder;
using darkroom::worker::ServedModel;

absl::StatusOr<std::vector<ServedModel>> LoadModels(int max_rows) {
  std::vector<std::filesystem::path> roots;
  for (const std::string& root : absl::GetFlag(FLAGS_models)) roots.emplace_back(root);
  DARKROOM_ASSIGN_OR_RETURN(const std::vector<ModelFolder> folders,
                            darkroom::worker::FindModels(roots, absl::GetFlag(FLAGS_model)));
  std::vector<ServedModel> models;
  for (const ModelFolder& folder : folders) {
    darkroom::log::Info("loading a model", {{"model", folder.id}, {"hash", folder.hash}});
    DARKROOM_ASSIGN_OR_RETURN(
        auto backend,
        darkroom::diffusion::LoadTorchBackend(folder.path, {.device = absl::GetFlag(FLAGS_device),
                                                            .dtype = absl::GetFlag(FLAGS_dtype),
                                                            .threads = absl::GetFlag(FLAGS_threads),
                                                            .max_rows = max_rows,
                                                            .model_hash = folder.hash}));
    models.push_back({folder.id, folder.id, std::move(backend)});
  }
  return models;
}

}  // namespace

int main(int argc, char** argv) {
  return darkroom::worker::WorkerMain("Makes the pictures of a Darkroom pool on one device.", argc,
                                      argv, LoadModels);
}
