#ifndef DARKROOM_WORKER_DIFFUSION_LORA_FILES_H_
#define DARKROOM_WORKER_DIFFUSION_LORA_FILES_H_

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "prompt/extra_networks.h"
#include "worker/diffusion/adapters/row_adapters.h"
#include "worker/diffusion/file_cache.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/named_file.h"

namespace darkroom::diffusion {

// What a prompt's LoRAs change; a file is left out where its strength is 0.
struct PromptAdapters {
  std::vector<RowAdapters::Use> text;
  std::vector<RowAdapters::Use> unet;
};

// The LoRAs, and files like them, that prompts of a model may call. Not thread-safe.
class LoraFiles {
 public:
  // There are none at first. Files that are kept ready take up to `max_bytes`, and so do those of
  // one prompt unless it is a single one. `model` outlives it.
  LoraFiles(std::int64_t max_bytes, const DiffusionModel* model);

  // As Backend::SetAdapters.
  void SetFiles(std::vector<NamedFile> files) { files_.SetFiles(std::move(files)); }

  // What the tags <lora:name:text encoder's strength:UNet's> of a prompt call, <lyco:> being the
  // same. As in AUTOMATIC1111 (extensions-builtin/Lora, networks.py), of a name that occurs several
  // times the last strengths count, as often as it occurs. Where that goes on without a file, this
  // is an INVALID_ARGUMENT which says that it is the prompt's, and of which LoRA: an unknown name,
  // a file that does not fit the model or is damaged, arguments that are no numbers, a "dyn" rank,
  // a hypernetwork. Tags of unknown kinds are nothing, as there.
  absl::StatusOr<PromptAdapters> Read(absl::Span<const prompt::ExtraNetwork> networks);

  // As FileCache's.
  std::set<std::string> TakeCalled() { return files_.TakeCalled(); }

 private:
  const std::int64_t max_bytes_;
  FileCache<AdapterBranches> files_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_LORA_FILES_H_
