#ifndef DARKROOM_WORKER_ENGINE_ADAPTER_CATALOGUE_H_
#define DARKROOM_WORKER_ENGINE_ADAPTER_CATALOGUE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "worker/diffusion/adapters/adapter_header.h"
#include "worker/diffusion/backend.h"
#include "worker/diffusion/upscale/upscaler_layout.h"
#include "worker/engine/file_warnings.h"

namespace darkroom::worker {

// Upscalers are no adapters of a model, but lie beside it, are found and are called as they are.
enum class AdapterKind { kLora, kEmbedding, kUpscaler };

// Where to look for each kind: files, and folders that are searched at any depth.
struct AdapterRoots {
  std::vector<std::filesystem::path> loras = {};
  std::vector<std::filesystem::path> embeddings = {};
  std::vector<std::filesystem::path> upscalers = {};
};

// Where AUTOMATIC1111 keeps adapters around these roots of models: Lora/, LyCORIS/, embeddings/,
// ESRGAN/ and RealESRGAN/ in each, and the embeddings/ beside one that has a Stable-diffusion/.
// They need not exist.
AdapterRoots AdapterRootsOf(const std::vector<std::filesystem::path>& model_roots);

// A file that requests may call.
struct FoundAdapter {
  AdapterKind kind = AdapterKind::kLora;
  std::string name;  // the file's without its ending
  std::filesystem::path path;
  std::uint64_t bytes = 0;
  std::filesystem::file_time_type changed;
  // Its alias is empty where it would not lead to this file alone. Of an upscaler nothing else is
  // set: what AUTOMATIC1111 calls a published file that has its name.
  diffusion::AdapterHeader header;
  std::optional<diffusion::UpscalerLayout> upscaler = {};  // of an upscaler
};

// The adapters in some folders. Only headers are read, and those of changed files alone when it
// looks again. Not thread-safe.
//
// What cannot be used is left out, with one warning that names the file and the reason: a damaged
// file, one that is no adapter, the second of two that have one name (the first in the order of the
// roots, then of the paths, is taken), an upscaler that has the name of one without a file,
// PyTorch's files. A file that is still being written is damaged for a while: the warning waits
// until it stays as it is.
class AdapterCatalogue {
 public:
  static constexpr std::size_t kMaxAdapters = 5000;

  // `warn` is told of a file that is left out, and why.
  explicit AdapterCatalogue(AdapterRoots roots, FileWarnings::Warn warn = &LogWarning);

  // Looks at the folders. True when adapters() has changed, or what is in one of them.
  bool Rescan();

  // By kind and name.
  const std::vector<FoundAdapter>& adapters() const { return adapters_; }

 private:
  struct Seen {
    std::uint64_t bytes = 0;
    std::filesystem::file_time_type changed;
    absl::Status status;
    diffusion::AdapterHeader header;
    std::optional<diffusion::UpscalerLayout> upscaler;
  };
  using Place = std::pair<AdapterKind, std::filesystem::path>;

  static void LogWarning(const std::filesystem::path& path, absl::string_view why);

  void LookAt(AdapterKind kind, const std::vector<std::filesystem::path>& roots,
              std::vector<FoundAdapter>& found);
  // What its header says, or why it says nothing.
  static absl::Status Read(const Place& place, Seen& seen);
  // Reads the file unless it is as it was; null, and maybe a warning, where it cannot be used.
  const Seen* Look(const Place& place);

  const AdapterRoots roots_;
  FileWarnings warnings_;
  std::vector<FoundAdapter> adapters_;
  std::map<Place, Seen> seen_;
  std::map<Place, Seen> seen_before_;  // by the last Rescan
};

// Those that fit a model of this family (as ModelInfo::family), under their names and aliases.
// Files that do not tell their family are among them.
diffusion::AdapterFiles FilesFor(absl::string_view family,
                                 const std::vector<FoundAdapter>& adapters);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_ADAPTER_CATALOGUE_H_
