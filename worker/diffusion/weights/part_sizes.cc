#include "worker/diffusion/weights/part_sizes.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "worker/diffusion/weights/model_folder.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {
namespace {

std::int64_t SizeBelow(const SafetensorsFile& file, absl::string_view prefix) {
  std::int64_t size = 0;
  for (const auto& [name, view] : file.tensors()) {
    if (!absl::StartsWith(name, prefix)) continue;
    std::int64_t elements = 1;
    for (const std::int64_t side : view.shape) elements *= side;
    size += elements;
  }
  return size;
}

absl::StatusOr<std::int64_t> SizeInFolder(const std::filesystem::path& folder,
                                          absl::string_view part) {
  DARKROOM_ASSIGN_OR_RETURN(const std::filesystem::path path, FindWeights(folder, part));
  DARKROOM_ASSIGN_OR_RETURN(const SafetensorsFile file, SafetensorsFile::Open(path));
  return SizeBelow(file, "");
}

}  // namespace

absl::StatusOr<PartSizes> FolderPartSizes(const std::filesystem::path& folder, ModelFamily family,
                                          std::size_t text_encoders) {
  PartSizes sizes;
  DARKROOM_ASSIGN_OR_RETURN(sizes.networks, SizeInFolder(folder, "unet"));
  DARKROOM_ASSIGN_OR_RETURN(sizes.vae, SizeInFolder(folder, "vae"));
  for (std::size_t i = 0; i < text_encoders; ++i) {
    DARKROOM_ASSIGN_OR_RETURN(const std::int64_t size,
                              SizeInFolder(folder, TextEncoderPart(family, i)));
    sizes.networks += size;
  }
  return sizes;
}

PartSizes CheckpointPartSizes(const Checkpoint& checkpoint) {
  const CheckpointLayout& layout = checkpoint.layout;
  PartSizes sizes;
  sizes.networks = SizeBelow(*checkpoint.file, layout.unet.prefix);
  for (const CheckpointPart& part : layout.text_encoders) {
    sizes.networks += SizeBelow(*checkpoint.file, part.prefix);
  }
  if (layout.vae.has_value()) sizes.vae = SizeBelow(*checkpoint.file, layout.vae->prefix);
  return sizes;
}

std::int64_t SizeOfVae(const SeparateVae& vae) { return SizeBelow(*vae.file, vae.part.prefix); }

}  // namespace darkroom::diffusion
