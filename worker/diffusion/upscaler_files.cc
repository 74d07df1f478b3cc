#include "worker/diffusion/upscaler_files.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace darkroom::diffusion {

absl::StatusOr<std::shared_ptr<const UpscalerNetwork>> FindNetwork(
    FileCache<UpscalerNetwork>& files, absl::string_view field, const std::string& name) {
  const NamedFile* file = files.Find(name);
  if (file == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(field, " is '", name, "', which is not here"));
  }
  absl::StatusOr<std::shared_ptr<const UpscalerNetwork>> network = files.Get(*file);
  if (network.ok()) return network;
  const std::string why = absl::StrReplaceAll(
      network.status().message(), {{file->path.string(), file->path.filename().string()}});
  return absl::InvalidArgumentError(
      absl::StrCat(field, " is '", name, "', which cannot be used: ", why));
}

}  // namespace darkroom::diffusion
