#include "worker/diffusion/weights/checkpoint.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/weights/checkpoint_config.h"
#include "worker/diffusion/weights/config_reader.h"
#include "worker/diffusion/weights/model_folder.h"
#include "worker/diffusion/weights/part_configs.h"

namespace darkroom::diffusion {
namespace {

absl::StatusOr<std::shared_ptr<const SafetensorsFile>> OpenShared(
    const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(SafetensorsFile file, SafetensorsFile::Open(path));
  return std::make_shared<const SafetensorsFile>(std::move(file));
}

absl::Status Of(const std::filesystem::path& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path.string(), ": ", status.message()));
}

absl::Status ReadSettings(const std::filesystem::path& path, NoiseScheduleConfig* schedule) {
  if (!std::filesystem::exists(path)) return absl::OkStatus();
  DARKROOM_ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Open(path));
  const bool was_v = schedule->prediction_type == PredictionType::kVPrediction;
  const std::size_t type = reader.Choice("prediction_type", was_v ? "v_prediction" : "epsilon",
                                         {"epsilon", "v_prediction"});
  schedule->prediction_type = type == 1 ? PredictionType::kVPrediction : PredictionType::kEpsilon;
  schedule->zero_terminal_snr = reader.Bool("rescale_betas_zero_snr", schedule->zero_terminal_snr);
  return reader.status();
}

absl::StatusOr<SeparateVae> OpenVaeFolder(const std::filesystem::path& folder) {
  const bool whole_model = std::filesystem::exists(folder / "model_index.json");
  const std::filesystem::path part = whole_model ? folder / "vae" : folder;
  SeparateVae vae;
  vae.part = {PartNaming::kDiffusers, ""};
  DARKROOM_ASSIGN_OR_RETURN(vae.config, ReadVaeConfig(part / "config.json"));
  DARKROOM_ASSIGN_OR_RETURN(const std::filesystem::path weights,
                            FindWeights(part.parent_path(), part.filename().string()));
  DARKROOM_ASSIGN_OR_RETURN(vae.file, OpenShared(weights));
  return vae;
}

}  // namespace

std::filesystem::path CheckpointSettings(const std::filesystem::path& checkpoint) {
  std::filesystem::path settings = checkpoint;
  return settings.replace_extension(".darkroom.json");
}

absl::StatusOr<Checkpoint> OpenCheckpoint(const std::filesystem::path& path) {
  Checkpoint checkpoint;
  DARKROOM_ASSIGN_OR_RETURN(checkpoint.file, OpenShared(path));
  const SafetensorsFile::Tensors& tensors = checkpoint.file->tensors();
  absl::StatusOr<CheckpointLayout> layout = IdentifyCheckpoint(tensors);
  if (!layout.ok()) return Of(path, layout.status());
  checkpoint.layout = *std::move(layout);
  absl::StatusOr<ModelConfig> config = CheckpointConfig(tensors, checkpoint.layout);
  if (!config.ok()) return Of(path, config.status());
  checkpoint.config = *std::move(config);
  DARKROOM_RETURN_IF_ERROR(ReadSettings(CheckpointSettings(path), &checkpoint.config.schedule));
  const absl::Status fits = CheckModelConfig(checkpoint.config);
  if (!fits.ok()) return Of(path, fits);
  return checkpoint;
}

absl::StatusOr<SeparateVae> OpenVae(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) return OpenVaeFolder(path);
  SeparateVae vae;
  DARKROOM_ASSIGN_OR_RETURN(vae.file, OpenShared(path));
  absl::StatusOr<CheckpointPart> part = IdentifyVae(vae.file->tensors());
  if (!part.ok()) return Of(path, part.status());
  vae.part = *std::move(part);
  absl::StatusOr<VaeConfig> config = CheckpointVaeConfig(vae.file->tensors(), vae.part);
  if (!config.ok()) return Of(path, config.status());
  vae.config = *std::move(config);
  return vae;
}

}  // namespace darkroom::diffusion
