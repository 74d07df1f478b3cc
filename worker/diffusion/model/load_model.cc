#include "worker/diffusion/model/load_model.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/text/tokenizer_folder.h"
#include "worker/diffusion/weights/checkpoint.h"
#include "worker/diffusion/weights/checkpoint_weights.h"
#include "worker/diffusion/weights/folder_weights.h"
#include "worker/diffusion/weights/model_folder.h"

namespace darkroom::diffusion {
namespace {

absl::StatusOr<OpenedModel> OpenOwnParts(const ModelFiles& files) {
  OpenedModel model;
  if (std::filesystem::is_directory(files.model)) {
    DARKROOM_ASSIGN_OR_RETURN(model.config, ReadModelConfig(files.model));
    DARKROOM_ASSIGN_OR_RETURN(model.tokenizers, LoadTokenizers(files.model, model.config));
    model.weights = std::make_unique<FolderWeights>(files.model);
    DARKROOM_ASSIGN_OR_RETURN(model.sizes, FolderPartSizes(files.model, model.config.family,
                                                           model.config.text_encoders.size()));
    return model;
  }
  DARKROOM_ASSIGN_OR_RETURN(Checkpoint checkpoint, OpenCheckpoint(files.model));
  model.config = checkpoint.config;
  DARKROOM_ASSIGN_OR_RETURN(model.tokenizers, LoadTokenizersOfAll(files.tokenizer, model.config));
  model.sizes = CheckpointPartSizes(checkpoint);
  model.weights = std::make_unique<CheckpointWeights>(std::move(checkpoint));
  return model;
}

}  // namespace

absl::StatusOr<OpenedModel> OpenModel(const ModelFiles& files) {
  DARKROOM_ASSIGN_OR_RETURN(OpenedModel model, OpenOwnParts(files));
  if (files.vae.empty()) return model;
  DARKROOM_ASSIGN_OR_RETURN(SeparateVae vae, OpenVae(files.vae));
  // What latents are multiplied with is what the UNet was trained on.
  vae.config.scaling_factor = model.config.vae.scaling_factor;
  model.config.vae = vae.config;
  const absl::Status fits = CheckModelConfig(model.config);
  if (!fits.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(files.vae.string(), ": does not fit ",
                                                   files.model.string(), ": ", fits.message()));
  }
  model.sizes.vae = SizeOfVae(vae);
  model.weights = std::make_unique<SeparateVaeWeights>(std::move(model.weights), std::move(vae));
  return model;
}

absl::StatusOr<std::unique_ptr<DiffusionModel>> LoadModel(const ModelFiles& files,
                                                          const LoadOptions& options) {
  DARKROOM_ASSIGN_OR_RETURN(OpenedModel model, OpenModel(files));
  return DiffusionModel::Assemble(std::move(model.config), std::move(model.tokenizers),
                                  *model.weights, options);
}

}  // namespace darkroom::diffusion
