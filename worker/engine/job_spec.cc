#include "worker/engine/job_spec.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "darkroom/internal/v1/job_record.pb.h"

namespace darkroom::worker {
namespace {

constexpr std::uint32_t kVersion = 1;

diffusion::ImageRequest ToRequest(const v1::ImageParameters& parameters) {
  return {.prompt = parameters.prompt(),
          .negative_prompt = parameters.negative_prompt(),
          .width = parameters.width(),
          .height = parameters.height(),
          .steps = parameters.steps(),
          .sampler = parameters.sampler(),
          .schedule = parameters.schedule(),
          .guidance_scale = parameters.guidance_scale(),
          .seed = parameters.seed(),
          .image_count = parameters.image_count(),
          .clip_skip = parameters.clip_skip(),
          .noise_source = parameters.noise_source() == v1::NOISE_SOURCE_MT19937
                              ? diffusion::NoiseSource::kMt19937
                              : diffusion::NoiseSource::kPhilox};
}

bool IsResolved(const v1::ImageParameters& parameters) {
  return parameters.has_width() && parameters.has_height() && parameters.has_steps() &&
         parameters.has_guidance_scale() && parameters.has_seed() && parameters.seed() >= 0 &&
         parameters.image_count() > 0 && parameters.has_clip_skip() &&
         parameters.has_preview_interval() && !parameters.sampler().empty() &&
         !parameters.schedule().empty();
}

}  // namespace

absl::StatusOr<WorkOrder> ParseJobSpec(absl::string_view bytes) {
  internal::v1::JobSpec spec;
  if (!spec.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::InvalidArgumentError("the job's specification cannot be read");
  }
  if (spec.version() != kVersion) {
    return absl::UnimplementedError(
        absl::StrCat("version ", spec.version(), " of a job's specification is not known"));
  }
  if (!IsResolved(spec.parameters())) {
    return absl::InvalidArgumentError("the job's specification has unresolved fields");
  }
  return WorkOrder{.request = ToRequest(spec.parameters()),
                   .preview_interval = std::max(0, spec.parameters().preview_interval())};
}

}  // namespace darkroom::worker
