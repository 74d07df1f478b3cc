#include "worker/diffusion/model_limits.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "naming/sampler_names.h"
#include "worker/diffusion/memory_estimate.h"
#include "worker/diffusion/weights/config_reader.h"
#include "worker/diffusion/weights/unet_inputs.h"

namespace darkroom::diffusion {
namespace {

constexpr int kMaxSteps = 150;
constexpr int kMaxImages = 8;
constexpr int kSmallestMaxSide = 256;
// Where a clip skip has no influence, as far as AUTOMATIC1111 lets it be set: infotexts of its
// pictures name one for every family.
constexpr int kMaxIdleClipSkip = 12;

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

ModelTask TaskOf(std::optional<UNetInputs> inputs) {
  if (inputs == UNetInputs::kInpainting) return ModelTask::kInpainting;
  if (inputs == UNetInputs::kInstruction) return ModelTask::kInstruction;
  return ModelTask::kGeneral;
}

}  // namespace

ModelInfo DeriveModelInfo(const ModelConfig& config) {
  const int side = config.unet.sample_size * config.vae.scale();
  ModelInfo info;
  info.family = std::string(FamilyName(config.family));
  info.task = TaskOf(InputsOf(config.unet, config.vae));
  info.default_width = side;
  info.default_height = side;
  info.max_side = std::max(kSmallestMaxSide, 2 * side);
  info.max_pixels = std::int64_t{4} * side * side;
  info.size_multiple = config.vae.scale();
  info.max_images = kMaxImages;
  // DDIM needs timesteps at least two apart.
  info.max_steps = std::min(kMaxSteps, config.schedule.num_train_timesteps / 2);
  const TextEncoderConfig& text = config.text_encoders.front();
  info.max_clip_skip = text.obeys_clip_skip ? text.clip.num_hidden_layers : kMaxIdleClipSkip;
  for (const naming::SamplerName& sampler : naming::Samplers()) {
    info.samplers.emplace_back(sampler.name);
  }
  for (const absl::string_view schedule : naming::Schedules()) {
    info.schedules.emplace_back(schedule);
  }
  info.default_sampler = "DPM++ 2M";
  info.default_schedule = "Karras";
  return info;
}

absl::Status ReadModelDefaults(const std::filesystem::path& path, ModelInfo* info) {
  if (!std::filesystem::exists(path)) return absl::OkStatus();
  DARKROOM_ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Open(path));
  info->default_sampler = reader.String("default_sampler", info->default_sampler);
  info->default_schedule = reader.String("default_schedule", info->default_schedule);
  info->default_steps = reader.Int("default_steps", info->default_steps, 1, info->max_steps);
  info->default_guidance_scale =
      reader.Double("default_guidance_scale", info->default_guidance_scale, 1, 100);
  if (!Contains(info->samplers, info->default_sampler)) {
    reader.Fail("default_sampler", "is not a sampler");
  }
  if (!Contains(info->schedules, info->default_schedule)) {
    reader.Fail("default_schedule", "is not a schedule");
  }
  return reader.status();
}

absl::Status LimitToMemory(const ModelConfig& config, std::int64_t whole_pixels, int element_bytes,
                           std::int64_t bytes, ModelInfo* info) {
  const std::int64_t pixels =
      PixelsWithin(config, info->max_pixels, whole_pixels, element_bytes, bytes);
  const auto side = static_cast<int>(std::sqrt(static_cast<double>(pixels)));
  const int whole_side = side / info->size_multiple * info->size_multiple;
  if (whole_side == 0) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "its smallest picture takes more than the ", bytes >> 20,
        " MiB that a job may take; give it more with --job_memory, or decode less of a picture "
        "at a time with --vae_whole_pixels"));
  }
  info->max_pixels = pixels;
  info->default_width = std::min(info->default_width, whole_side);
  info->default_height = std::min(info->default_height, whole_side);
  return absl::OkStatus();
}

}  // namespace darkroom::diffusion
