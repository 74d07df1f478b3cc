#include "worker/engine/adapter_catalogue.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "common/utf8.h"
#include "naming/hires_pass.h"

namespace darkroom::worker {
namespace {

namespace fs = std::filesystem;

constexpr char kAdapterEnding[] = ".safetensors";
constexpr absl::string_view kPyTorchEndings[] = {".pt", ".bin", ".ckpt", ".pth"};
// What AUTOMATIC1111 calls the files that it fetches by itself (modules/realesrgan_model.py).
constexpr std::pair<absl::string_view, absl::string_view> kPublishedUpscalers[] = {
    {"realesr-general-x4v3", "R-ESRGAN General 4xV3"},
    {"realesr-general-wdn-x4v3", "R-ESRGAN General WDN 4xV3"},
    {"realesr-animevideov3", "R-ESRGAN AnimeVideo"},
    {"RealESRGAN_x4plus", "R-ESRGAN 4x+"},
    {"RealESRGAN_x4plus_anime_6B", "R-ESRGAN 4x+ Anime6B"},
    {"RealESRGAN_x2plus", "R-ESRGAN 2x+"}};
constexpr absl::string_view kReservedAliases[] = {"none", "addams"};  // AUTOMATIC1111's networks.py

bool IsHidden(const fs::path& path) { return absl::StartsWith(path.filename().string(), "."); }

// The files of a folder at any depth, sorted, or the file itself. Links to folders are followed,
// each folder once.
std::vector<fs::path> FilesBelow(const fs::path& root) {
  std::error_code error;
  if (fs::is_regular_file(root, error)) return {root};
  std::vector<fs::path> files;
  std::set<fs::path> visited;
  constexpr auto kOptions = fs::directory_options::follow_directory_symlink |
                            fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry(root, kOptions, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored)) {
      const bool again = !visited.insert(fs::canonical(entry->path(), ignored)).second;
      if (again || IsHidden(entry->path())) entry.disable_recursion_pending();
    } else if (entry->is_regular_file(ignored) && !IsHidden(entry->path())) {
      files.push_back(entry->path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool IsPyTorchFile(const fs::path& path) {
  const std::string ending = absl::AsciiStrToLower(path.extension().string());
  return std::find(std::begin(kPyTorchEndings), std::end(kPyTorchEndings), ending) !=
         std::end(kPyTorchEndings);
}

bool IsConverted(fs::path path) {
  std::error_code error;
  return fs::exists(path.replace_extension(kAdapterEnding), error);
}

bool SameAdapter(const FoundAdapter& a, const FoundAdapter& b) {
  return std::tie(a.kind, a.path, a.bytes, a.changed, a.header.alias) ==
         std::tie(b.kind, b.path, b.bytes, b.changed, b.header.alias);
}

// Takes away the aliases that another file has as well, or as its name.
void KeepPlainAliases(std::vector<FoundAdapter>& adapters) {
  std::map<std::string, int> holders;
  for (const FoundAdapter& adapter : adapters) {
    if (adapter.kind != AdapterKind::kLora) continue;
    ++holders[adapter.name];
    if (adapter.header.alias != adapter.name) ++holders[adapter.header.alias];
  }
  for (FoundAdapter& adapter : adapters) {
    std::string& alias = adapter.header.alias;
    const std::string lower = absl::AsciiStrToLower(alias);
    const bool reserved = std::find(std::begin(kReservedAliases), std::end(kReservedAliases),
                                    lower) != std::end(kReservedAliases);
    if (alias == adapter.name || holders[alias] > 1 || reserved) alias.clear();
  }
}

}  // namespace

AdapterRoots AdapterRootsOf(const std::vector<fs::path>& model_roots) {
  AdapterRoots roots;
  for (const fs::path& root : model_roots) {
    std::error_code error;
    if (!fs::is_directory(root, error)) continue;
    for (const char* folder : {"Lora", "LyCORIS"}) roots.loras.push_back(root / folder);
    roots.embeddings.push_back(root / "embeddings");
    for (const char* folder : {"ESRGAN", "RealESRGAN"}) roots.upscalers.push_back(root / folder);
    if (fs::is_directory(root / "Stable-diffusion", error)) {
      roots.embeddings.push_back(fs::absolute(root, error).lexically_normal() / ".." /
                                 "embeddings");
    }
  }
  return roots;
}

AdapterCatalogue::AdapterCatalogue(AdapterRoots roots, FileWarnings::Warn warn)
    : roots_(std::move(roots)), warnings_(std::move(warn)) {}

void AdapterCatalogue::LogWarning(const fs::path& path, absl::string_view why) {
  log::Warning("an adapter is left out", {{"file", path.string()}, {"why", why}});
}

bool AdapterCatalogue::Rescan() {
  seen_before_ = std::exchange(seen_, {});
  std::vector<FoundAdapter> found;
  LookAt(AdapterKind::kLora, roots_.loras, found);
  LookAt(AdapterKind::kEmbedding, roots_.embeddings, found);
  LookAt(AdapterKind::kUpscaler, roots_.upscalers, found);
  std::sort(found.begin(), found.end(), [](const FoundAdapter& a, const FoundAdapter& b) {
    return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
  });
  KeepPlainAliases(found);
  const bool same =
      std::equal(found.begin(), found.end(), adapters_.begin(), adapters_.end(), &SameAdapter);
  adapters_ = std::move(found);
  return !same;
}

void AdapterCatalogue::LookAt(AdapterKind kind, const std::vector<fs::path>& roots,
                              std::vector<FoundAdapter>& found) {
  std::map<std::string, fs::path> names;
  for (const fs::path& root : roots) {
    for (const fs::path& path : FilesBelow(root)) {
      if (IsPyTorchFile(path) && !IsConverted(path)) {
        warnings_.Once(path,
                       absl::StrCat("workers read safetensors only; make one of it with: darkroom "
                                    "convert ",
                                    path.string()));
      }
      if (path.extension() != kAdapterEnding) continue;
      const Seen* seen = Look({kind, path});
      if (seen == nullptr) continue;
      const std::string name = path.stem().string();
      const auto [first, is_new] = names.emplace(name, path);
      std::error_code ignored;
      if (kind == AdapterKind::kUpscaler && naming::FindUpscaler(name) != nullptr) {
        warnings_.Once(path, "its name is that of an upscaler without a file, rename it");
      } else if (!is_new && !fs::equivalent(first->second, path, ignored)) {
        warnings_.Once(path, absl::StrCat("its name is taken by ", first->second.string(),
                                          ", rename one of them"));
      } else if (found.size() >= kMaxAdapters) {
        warnings_.Once(path, absl::StrCat("there are more than ", kMaxAdapters));
      } else if (is_new) {
        found.push_back(
            {kind, name, path, seen->bytes, seen->changed, seen->header, seen->upscaler});
      }
    }
  }
}

absl::Status AdapterCatalogue::Read(const Place& place, Seen& seen) {
  const auto& [kind, path] = place;
  if (kind == AdapterKind::kUpscaler) {
    DARKROOM_ASSIGN_OR_RETURN(seen.upscaler, diffusion::ReadUpscalerLayout(path));
    const std::string name = path.stem().string();
    for (const auto& [file, published] : kPublishedUpscalers) {
      if (name == file) seen.header.alias = std::string(published);
    }
    return absl::OkStatus();
  }
  DARKROOM_ASSIGN_OR_RETURN(seen.header, kind == AdapterKind::kLora
                                             ? diffusion::ReadLoraHeader(path)
                                             : diffusion::ReadEmbeddingHeader(path));
  return absl::OkStatus();
}

const AdapterCatalogue::Seen* AdapterCatalogue::Look(const Place& place) {
  const fs::path& path = place.second;
  if (!IsValidUtf8(path.stem().string())) {
    warnings_.Once(path, "its name is not UTF-8");
    return nullptr;
  }
  std::error_code error;
  Seen seen;
  seen.bytes = fs::file_size(path, error);
  if (!error) seen.changed = fs::last_write_time(path, error);
  if (error) return nullptr;  // gone since the folder was read
  const auto before = seen_before_.find(place);
  const bool same = before != seen_before_.end() && before->second.bytes == seen.bytes &&
                    before->second.changed == seen.changed;
  // Rights change without a trace in the times.
  if (same && (before->second.status.ok() || absl::IsInvalidArgument(before->second.status))) {
    seen = before->second;
  } else {
    seen.status = Read(place, seen);
  }
  if (same && !seen.status.ok()) warnings_.Once(path, seen.status.message());
  const Seen& kept = seen_[place] = std::move(seen);
  return kept.status.ok() ? &kept : nullptr;
}

diffusion::AdapterFiles FilesFor(absl::string_view family,
                                 const std::vector<FoundAdapter>& adapters) {
  diffusion::AdapterFiles files;
  for (const FoundAdapter& adapter : adapters) {
    if (!adapter.header.made_for.empty() && adapter.header.family != family) continue;
    auto& list = adapter.kind == AdapterKind::kLora        ? files.loras
                 : adapter.kind == AdapterKind::kEmbedding ? files.embeddings
                                                           : files.upscalers;
    list.push_back({adapter.name, adapter.path});
    if (!adapter.header.alias.empty()) list.push_back({adapter.header.alias, adapter.path});
  }
  return files;
}

}  // namespace darkroom::worker
