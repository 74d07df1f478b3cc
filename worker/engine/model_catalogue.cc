#include "worker/engine/model_catalogue.h"

#include <algorithm>
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

constexpr char kSettingsEnding[] = ".darkroom.json";
constexpr int kFolderDepth = 1;  // of a model's files below its folder

using Places = std::map<std::string, fs::path>;  // by id

std::string MadeId(absl::string_view name) {
  std::string id = absl::AsciiStrToLower(name.substr(0, kMaxIdLetters));
  for (char& c : id) {
    if (!IsCatalogueId(absl::string_view(&c, 1))) c = '-';
  }
  return id;
}

// A .safetensors file that is no other file's VAE.
bool IsCheckpoint(const fs::path& path) {
  const std::string name = path.filename().string();
  std::error_code error;
  return absl::EndsWith(name, kCheckpointEnding) && name != kCheckpointEnding &&
         !absl::EndsWith(name, kVaeEnding) && fs::is_regular_file(path, error);
}

// What lies in the roots, by id.
class Finder {
 public:
  explicit Finder(const Places& places) : places_(places) {}

  void LookAt(const fs::path& root);

  std::map<std::string, FoundModel> models;
  std::vector<LeftOut> left_out;

 private:
  void Add(FoundModel model);
  void AddCheckpoint(const fs::path& path);
  void AddFolder(const fs::path& path);
  void AddTree(const fs::path& folder);
  void NoteMissing(const fs::path& path, const std::error_code& error);

  const Places& places_;
};

void Finder::Add(FoundModel model) {
  const auto [found, added] = models.emplace(model.id, model);
  if (added) return;
  const auto served = places_.find(model.id);
  if (served != places_.end() && served->second == model.path) std::swap(found->second, model);
  left_out.push_back({model.path, absl::AlreadyExistsError(absl::StrCat(
                                      "two models are named ", model.id, ": ",
                                      found->second.path.string(), " and ", model.path.string()))});
}

void Finder::AddCheckpoint(const fs::path& path) {
  const std::string name = path.stem().string();
  FoundModel model{.id = MadeId(name), .display_name = name, .path = path};
  fs::path vae = path;
  vae.replace_extension(kVaeEnding);
  std::error_code error;
  if (fs::is_regular_file(vae, error)) model.vae = vae;
  Add(std::move(model));
}

void Finder::AddFolder(const fs::path& path) {
  const std::string id = path.filename().string();
  if (IsCatalogueId(id)) return Add({.id = id, .display_name = id, .path = path});
  left_out.push_back({path, absl::InvalidArgumentError("its name is not of [a-z0-9._-]{1,64}")});
}

void Finder::NoteMissing(const fs::path& path, const std::error_code& error) {
  if (!error) return;
  left_out.push_back(
      {path, absl::NotFoundError(absl::StrCat(path.string(), ": ", error.message()))});
}

// Checkpoints at any depth.
void Finder::AddTree(const fs::path& folder) {
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (IsCheckpoint(entry->path())) AddCheckpoint(entry->path());
  }
  NoteMissing(folder, error);
}

void Finder::LookAt(const fs::path& root) {
  if (IsCheckpoint(root)) return AddCheckpoint(root);
  std::error_code error;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code missing;
    const fs::path& path = entry->path();
    if (fs::exists(path / "model_index.json", missing)) {
      AddFolder(path);
    } else if (IsCheckpoint(path)) {
      AddCheckpoint(path);
    } else if (path.filename() == kCheckpointFolder && fs::is_directory(path, missing)) {
      AddTree(path);
    }
  }
  NoteMissing(root, error);
}

absl::Status NoSuchModel(const std::string& id, const std::map<std::string, FoundModel>& models) {
  const auto name = [](std::string* out, const auto& known) { absl::StrAppend(out, known.first); };
  return absl::NotFoundError(
      absl::StrCat("no model ", id, "; there are: ", absl::StrJoin(models, ", ", name)));
}

// Only what is named, unless nothing is.
void KeepNamed(const std::vector<std::string>& ids, std::map<std::string, FoundModel>& models) {
  if (ids.empty()) return;
  std::erase_if(models, [&ids](const auto& model) {
    return std::find(ids.begin(), ids.end(), model.first) == ids.end();
  });
}

std::vector<FoundModel> Stamped(std::map<std::string, FoundModel> models) {
  std::vector<FoundModel> stamped;
  for (auto& [id, model] : models) {
    model.stamp = StampOf(model);
    stamped.push_back(std::move(model));
  }
  return stamped;
}

// "path size time", or nothing for a file that is not there.
std::string FileStamp(const fs::path& file) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  if (error) return "";
  const auto changed = fs::last_write_time(file, error).time_since_epoch().count();
  return error ? "" : absl::StrCat(file.string(), " ", size, " ", changed, "\n");
}

fs::path HashedFile(const fs::path& model) {
  std::error_code error;
  if (!fs::is_directory(model, error)) return model;
  const fs::path weights = model / "unet" / "diffusion_pytorch_model";
  fs::path half = weights;
  half += ".fp16.safetensors";
  fs::path full = weights;
  full += kCheckpointEnding;
  return !fs::exists(full, error) && fs::exists(half, error) ? half : full;
}

}  // namespace

std::string StampOf(const FoundModel& model) {
  std::error_code error;
  std::vector<std::string> stamps;
  if (!fs::is_directory(model.path, error)) {
    fs::path settings = model.path;
    settings.replace_extension(kSettingsEnding);
    for (const fs::path& file : {model.path, model.vae, settings}) {
      stamps.push_back(FileStamp(file));
    }
  }
  constexpr auto kOptions = fs::directory_options::follow_directory_symlink;
  for (fs::recursive_directory_iterator entry(model.path, kOptions, error), end;
       !error && entry != end; entry.increment(error)) {
    if (entry.depth() >= kFolderDepth) entry.disable_recursion_pending();
    stamps.push_back(FileStamp(entry->path()));
  }
  std::sort(stamps.begin(), stamps.end());
  return absl::StrJoin(stamps, "");
}

absl::StatusOr<std::vector<FoundModel>> FindModels(const std::vector<fs::path>& roots,
                                                   const std::vector<std::string>& ids) {
  const Places none;
  Finder finder(none);
  for (const fs::path& root : roots) finder.LookAt(root);
  for (const LeftOut& left : finder.left_out) {
    if (!absl::IsInvalidArgument(left.why)) return left.why;
    log::Warning("a model is left out",
                 {{"path", left.path.string()}, {"why", left.why.message()}});
  }
  if (finder.models.empty()) {
    return absl::NotFoundError(
        "there is no model: no folder with a model_index.json, and no .safetensors file");
  }
  for (const std::string& id : ids) {
    if (!finder.models.contains(id)) return NoSuchModel(id, finder.models);
  }
  KeepNamed(ids, finder.models);
  if (finder.models.size() > kMaxModels) {
    return absl::ResourceExhaustedError(absl::StrCat(
        finder.models.size(), " models, a worker serves at most ", kMaxModels, ": name some"));
  }
  return Stamped(std::move(finder.models));
}

ModelSearch FindModelsAgain(const std::vector<fs::path>& roots, const std::vector<std::string>& ids,
                            const Places& places) {
  Finder finder(places);
  for (const fs::path& root : roots) finder.LookAt(root);
  KeepNamed(ids, finder.models);
  auto excess = static_cast<int>(finder.models.size()) - kMaxModels;
  std::erase_if(finder.models, [&](const auto& model) {
    if (excess <= 0 || places.contains(model.first)) return false;
    --excess;
    finder.left_out.push_back(
        {model.second.path, absl::ResourceExhaustedError(
                                absl::StrCat("a worker serves at most ", kMaxModels, " models"))});
    return true;
  });
  return {.models = Stamped(std::move(finder.models)), .left_out = std::move(finder.left_out)};
}

absl::StatusOr<std::string> ModelHashes::Of(const FoundModel& model) {
  const fs::path file = HashedFile(model.path);
  const std::string stamp = FileStamp(file);
  Known& known = known_[file.string()];
  if (known.hash.empty() || known.stamp != stamp) {
    DARKROOM_ASSIGN_OR_RETURN(const std::string digest, Sha256HexOfFile(file));
    known = {.stamp = stamp, .hash = digest.substr(0, kHashDigits)};
  }
  return known.hash;
}

}  // namespace darkroom::worker
