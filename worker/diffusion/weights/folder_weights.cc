#include "worker/diffusion/weights/folder_weights.h"

#include "common/status_macros.h"
#include "worker/diffusion/weights/file_weights.h"
#include "worker/diffusion/weights/model_folder.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {
namespace {

// The positions 0 to 76, which older files of the text model carry along.
constexpr absl::string_view kIgnorable[] = {"text_model.embeddings.position_ids",
                                            "embeddings.position_ids"};

}  // namespace

absl::Status FolderWeights::Load(absl::string_view part, const at::TensorOptions& options,
                                 absl::FunctionRef<absl::Status(const WeightScope&)> load) {
  DARKROOM_ASSIGN_OR_RETURN(const std::filesystem::path path, FindWeights(folder_, part));
  DARKROOM_ASSIGN_OR_RETURN(SafetensorsFile file, SafetensorsFile::Open(path));
  FileWeights weights(std::move(file), options);
  DARKROOM_RETURN_IF_ERROR(weights.ReadAll());
  DARKROOM_RETURN_IF_ERROR(load(WeightScope(&weights)));
  return weights.CheckAllTaken(kIgnorable);
}

}  // namespace darkroom::diffusion
