#include "worker/engine/model_catalogue.h"

#include <map>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/ids.h"
#include "common/log.h"
#include "common/sha256.h"
#include "common/status_macros.h"

namespace darkroom::worker {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashDigits = 10;

using Paths = std::map<std::string, fs::path>;  // by id

absl::Status AddModels(const fs::path& root, Paths& models) {
  std::error_code error;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code missing;
    if (!fs::exists(entry->path() / "model_index.json", missing)) continue;
    const std::string id = entry->path().filename().string();
    if (!IsCatalogueId(id)) {
      log::Warning("a model folder is not served: its name is not of [a-z0-9._-]{1,64}",
                   {{"folder", entry->path().string()}});
    } else if (!models.emplace(id, entry->path()).second) {
      return absl::AlreadyExistsError(absl::StrCat(
          "two models are named ", id, ": ", models[id].string(), " and ", entry->path().string()));
    }
  }
  if (!error) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat(root.string(), ": ", error.message()));
}

absl::StatusOr<Paths> Choose(const Paths& models, const std::vector<std::string>& ids) {
  if (models.empty()) return absl::NotFoundError("no folder there holds a model_index.json");
  if (ids.empty()) return models;
  Paths chosen;
  for (const std::string& id : ids) {
    const auto model = models.find(id);
    if (model == models.end()) {
      const auto name = [](std::string* out, const Paths::value_type& known) {
        absl::StrAppend(out, known.first);
      };
      return absl::NotFoundError(
          absl::StrCat("no model ", id, "; there are: ", absl::StrJoin(models, ", ", name)));
    }
    chosen.insert(*model);
  }
  return chosen;
}

}  // namespace

absl::StatusOr<std::vector<ModelFolder>> FindModels(const std::vector<fs::path>& roots,
                                                    const std::vector<std::string>& ids) {
  Paths found;
  for (const fs::path& root : roots) DARKROOM_RETURN_IF_ERROR(AddModels(root, found));
  DARKROOM_ASSIGN_OR_RETURN(const Paths chosen, Choose(found, ids));
  if (chosen.size() > kMaxModels) {
    return absl::ResourceExhaustedError(absl::StrCat(
        chosen.size(), " models, a worker serves at most ", kMaxModels, ": name some"));
  }
  std::vector<ModelFolder> models;
  for (const auto& [id, path] : chosen) {
    DARKROOM_ASSIGN_OR_RETURN(
        const std::string digest,
        Sha256HexOfFile(path / "unet" / "diffusion_pytorch_model.safetensors"));
    models.push_back({id, path, digest.substr(0, kHashDigits)});
  }
  return models;
}

}  // namespace darkroom::worker
