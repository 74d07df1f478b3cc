#include "worker/engine/model_catalogue.h"

#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
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
constexpr std::size_t kMaxIdLetters = 64;
constexpr char kCheckpointEnding[] = ".safetensors";
constexpr char kVaeEnding[] = ".vae.safetensors";
constexpr char kCheckpointFolder[] = "Stable-diffusion";  // in AUTOMATIC1111's models folder

using Models = std::map<std::string, FoundModel>;  // by id; without hashes

std::string MadeId(absl::string_view name) {
  std::string id = absl::AsciiStrToLower(name.substr(0, kMaxIdLetters));
  for (char& c : id) {
    if (!IsCatalogueId(absl::string_view(&c, 1))) c = '-';
  }
  return id;
}

absl::Status Add(const FoundModel& model, Models& models) {
  const auto [found, added] = models.emplace(model.id, model);
  if (added) return absl::OkStatus();
  return absl::AlreadyExistsError(absl::StrCat("two models are named ", model.id, ": ",
                                               found->second.path.string(), " and ",
                                               model.path.string()));
}

// A .safetensors file that is no other file's VAE.
bool IsCheckpoint(const fs::path& path) {
  const std::string name = path.filename().string();
  std::error_code error;
  return absl::EndsWith(name, kCheckpointEnding) && name != kCheckpointEnding &&
         !absl::EndsWith(name, kVaeEnding) && fs::is_regular_file(path, error);
}

absl::Status AddCheckpoint(const fs::path& path, Models& models) {
  const std::string name = path.stem().string();
  FoundModel model{.id = MadeId(name), .display_name = name, .path = path};
  fs::path vae = path;
  vae.replace_extension(kVaeEnding);
  std::error_code error;
  if (fs::is_regular_file(vae, error)) model.vae = vae;
  return Add(model, models);
}

absl::Status AddFolder(const fs::path& path, Models& models) {
  const std::string id = path.filename().string();
  if (!IsCatalogueId(id)) {
    log::Warning("a model folder is not served: its name is not of [a-z0-9._-]{1,64}",
                 {{"folder", path.string()}});
    return absl::OkStatus();
  }
  return Add({.id = id, .display_name = id, .path = path}, models);
}

absl::Status NotFound(const fs::path& path, const std::error_code& error) {
  return absl::NotFoundError(absl::StrCat(path.string(), ": ", error.message()));
}

// Checkpoints at any depth.
absl::Status AddTree(const fs::path& folder, Models& models) {
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!IsCheckpoint(entry->path())) continue;
    DARKROOM_RETURN_IF_ERROR(AddCheckpoint(entry->path(), models));
  }
  return error ? NotFound(folder, error) : absl::OkStatus();
}

absl::Status AddModels(const fs::path& root, Models& models) {
  if (IsCheckpoint(root)) return AddCheckpoint(root, models);
  std::error_code error;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code missing;
    const fs::path& path = entry->path();
    if (fs::exists(path / "model_index.json", missing)) {
      DARKROOM_RETURN_IF_ERROR(AddFolder(path, models));
    } else if (IsCheckpoint(path)) {
      DARKROOM_RETURN_IF_ERROR(AddCheckpoint(path, models));
    } else if (path.filename() == kCheckpointFolder && fs::is_directory(path, missing)) {
      DARKROOM_RETURN_IF_ERROR(AddTree(path, models));
    }
  }
  return error ? NotFound(root, error) : absl::OkStatus();
}

absl::StatusOr<Models> Choose(const Models& models, const std::vector<std::string>& ids) {
  if (models.empty()) {
    return absl::NotFoundError(
        "there is no model: no folder with a model_index.json, and no .safetensors file");
  }
  if (ids.empty()) return models;
  Models chosen;
  for (const std::string& id : ids) {
    const auto model = models.find(id);
    if (model == models.end()) {
      const auto name = [](std::string* out, const Models::value_type& known) {
        absl::StrAppend(out, known.first);
      };
      return absl::NotFoundError(
          absl::StrCat("no model ", id, "; there are: ", absl::StrJoin(models, ", ", name)));
    }
    chosen.insert(*model);
  }
  return chosen;
}

fs::path HashedFile(const fs::path& model) {
  std::error_code error;
  return fs::is_directory(model, error) ? model / "unet" / "diffusion_pytorch_model.safetensors"
                                        : model;
}

}  // namespace

std::string StampOf(const fs::path& model) {
  const fs::path file = HashedFile(model);
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  if (error) return "";
  const auto changed = fs::last_write_time(file, error).time_since_epoch().count();
  return error ? "" : absl::StrCat(size, " ", changed);
}

absl::StatusOr<std::vector<FoundModel>> FindModels(const std::vector<fs::path>& roots,
                                                   const std::vector<std::string>& ids) {
  Models found;
  for (const fs::path& root : roots) DARKROOM_RETURN_IF_ERROR(AddModels(root, found));
  DARKROOM_ASSIGN_OR_RETURN(Models chosen, Choose(found, ids));
  if (chosen.size() > kMaxModels) {
    return absl::ResourceExhaustedError(absl::StrCat(
        chosen.size(), " models, a worker serves at most ", kMaxModels, ": name some"));
  }
  std::vector<FoundModel> models;
  for (auto& [id, model] : chosen) {
    model.stamp = StampOf(model.path);
    DARKROOM_ASSIGN_OR_RETURN(const std::string digest, Sha256HexOfFile(HashedFile(model.path)));
    model.hash = digest.substr(0, kHashDigits);
    models.push_back(std::move(model));
  }
  return models;
}

}  // namespace darkroom::worker
