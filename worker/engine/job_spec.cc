#include "worker/engine/job_spec.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "darkroom/internal/v1/job_record.pb.h"
#include "naming/hires_pass.h"
#include "scheduler/core/record_version.h"

namespace darkroom::worker {
namespace {

constexpr absl::string_view kInputs = "inputs/";

prompt::Emphasis ToEmphasis(v1::Emphasis emphasis) {
  switch (emphasis) {
    case v1::EMPHASIS_NO_NORM:
      return prompt::Emphasis::kNoNorm;
    case v1::EMPHASIS_IGNORE:
      return prompt::Emphasis::kIgnore;
    case v1::EMPHASIS_NONE:
      return prompt::Emphasis::kNone;
    default:
      return prompt::Emphasis::kOriginal;
  }
}

// What is unset has the default of the settings.
diffusion::SamplerSettings ToSettings(const v1::SamplerOptions& options) {
  diffusion::SamplerSettings settings;
  if (options.has_eta()) settings.eta = options.eta();
  settings.s_churn = options.s_churn();
  settings.s_tmin = options.s_tmin();
  settings.s_tmax = options.s_tmax();
  if (options.has_s_noise()) settings.s_noise = options.s_noise();
  return settings;
}

diffusion::ScheduleSettings ToSettings(const v1::ScheduleOptions& options) {
  diffusion::ScheduleSettings settings{
      .sigma_min = options.sigma_min(),
      .sigma_max = options.sigma_max(),
      .rho = options.rho(),
      .discard_next_to_last_sigma = options.discard_next_to_last_sigma()};
  if (options.has_beta_alpha()) settings.beta_alpha = options.beta_alpha();
  if (options.has_beta_beta()) settings.beta_beta = options.beta_beta();
  return settings;
}

diffusion::GuidanceSettings ToSettings(const v1::GuidanceOptions& options) {
  return {.rescale = options.rescale(),
          .min_negative_sigma = options.min_negative_sigma(),
          .skip_negative_at_every_call = options.skip_negative_at_every_call()};
}

diffusion::Variation ToVariation(const v1::Variation& variation) {
  if (variation.strength() == 0) return {};
  return {.seed = variation.seed(), .strength = variation.strength()};
}

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
                              : diffusion::NoiseSource::kPhilox,
          .emphasis = ToEmphasis(parameters.emphasis()),
          .variation = ToVariation(parameters.variation()),
          .seed_resize_from = {.width = parameters.seed_resize_from().width(),
                               .height = parameters.seed_resize_from().height()},
          .eta_seed_delta = parameters.eta_seed_delta(),
          .sampler_settings = ToSettings(parameters.sampler_options()),
          .schedule_settings = ToSettings(parameters.schedule_options()),
          .guidance_settings = ToSettings(parameters.guidance_options()),
          .tiling = parameters.tiling()};
}

// Prompts that are empty are the first pass's.
diffusion::HiresFix ToHires(const v1::ImageParameters& parameters) {
  const v1::HiresFix& hires = parameters.hires_fix();
  const naming::HiresSize size =
      hires.has_scale() ? naming::ScaledBy(parameters.width(), parameters.height(), hires.scale())
                        : naming::ResizedTo(parameters.width(), parameters.height(), hires.width(),
                                            hires.height());
  const std::string& negative = hires.negative_prompt();
  return {.upscaler = hires.upscaler(),
          .scaled = {.width = size.scaled_width, .height = size.scaled_height},
          .size = {.width = size.width, .height = size.height},
          .strength = hires.strength(),
          .steps = hires.steps(),
          .sampler = hires.sampler(),
          .schedule = hires.schedule(),
          .prompt = hires.prompt().empty() ? parameters.prompt() : hires.prompt(),
          .negative_prompt = negative.empty() ? parameters.negative_prompt() : negative,
          .guidance_scale = hires.guidance_scale()};
}

picture::ResizeMode ToResizeMode(v1::ResizeMode mode) {
  switch (mode) {
    case v1::RESIZE_MODE_CROP:
      return picture::ResizeMode::kCrop;
    case v1::RESIZE_MODE_FILL:
      return picture::ResizeMode::kFill;
    default:
      return picture::ResizeMode::kStretch;
  }
}

std::optional<MaskOrder> ToMask(const v1::InitImage& image) {
  if (!image.has_mask()) return std::nullopt;
  const v1::Mask& mask = image.mask();
  MaskOrder order{.id = std::string(absl::StripPrefix(mask.name(), kInputs)),
                  .options = {.blur = mask.blur(),
                              .inverted = mask.inverted(),
                              .fills = mask.fill() != v1::MASK_FILL_ORIGINAL,
                              .soft = mask.has_soft()}};
  if (mask.only_masked()) order.options.padding = mask.padding();
  return order;
}

diffusion::MaskedLatent ToMaskedLatent(v1::MaskFill fill) {
  switch (fill) {
    case v1::MASK_FILL_LATENT_NOISE:
      return diffusion::MaskedLatent::kNoise;
    case v1::MASK_FILL_LATENT_NOTHING:
      return diffusion::MaskedLatent::kZero;
    default:
      return diffusion::MaskedLatent::kPicture;
  }
}

diffusion::SoftInpainting ToSoft(const v1::SoftInpainting& soft) {
  return {.schedule_bias = soft.schedule_bias(),
          .preservation_strength = soft.preservation_strength(),
          .transition_contrast_boost = soft.transition_contrast_boost(),
          .mask_influence = soft.mask_influence(),
          .difference_threshold = soft.difference_threshold(),
          .difference_contrast = soft.difference_contrast()};
}

// Its picture and its mask are still to come.
diffusion::InitPicture ToInit(const v1::InitImage& image) {
  diffusion::InitPicture init{.strength = image.strength()};
  if (image.has_guidance_scale()) init.guidance_scale = image.guidance_scale();
  if (image.has_mask()) {
    init.mask = {.mask = {}, .begins_with = ToMaskedLatent(image.mask().fill())};
    if (image.mask().has_soft()) init.mask->soft = ToSoft(image.mask().soft());
  }
  return init;
}

// Its picture is still to come.
diffusion::Upscale ToUpscale(const v1::Upscale& upscale) {
  return {.upscaler = upscale.upscaler(),
          .scale = upscale.has_scale() ? upscale.scale() : 1,
          .cover = {.width = upscale.width(), .height = upscale.height()},
          .crop = upscale.crop(),
          .second_upscaler = upscale.second_upscaler(),
          .second_share = upscale.second_visibility()};
}

std::optional<InputOrder> ToInput(const v1::ImageParameters& parameters) {
  if (!parameters.has_init_image()) return std::nullopt;
  const v1::InitImage& image = parameters.init_image();
  return InputOrder{.id = std::string(absl::StripPrefix(image.name(), kInputs)),
                    .resize_mode = ToResizeMode(image.resize_mode()),
                    .width = parameters.width(),
                    .height = parameters.height(),
                    .mask = ToMask(image),
                    .margins = {.left = image.extend().left(),
                                .top = image.extend().top(),
                                .right = image.extend().right(),
                                .bottom = image.extend().bottom()}};
}

bool IsResolved(const v1::SoftInpainting& soft) {
  return soft.has_schedule_bias() && soft.has_preservation_strength() &&
         soft.has_transition_contrast_boost() && soft.has_mask_influence() &&
         soft.has_difference_threshold() && soft.has_difference_contrast();
}

// Its files are in the store.
bool IsResolved(const v1::InitImage& image) {
  const v1::Mask& mask = image.mask();
  const bool mask_resolved = mask.has_blur() && (!mask.has_soft() || IsResolved(mask.soft())) &&
                             (image.has_extend() || absl::StartsWith(mask.name(), kInputs));
  return image.has_strength() && absl::StartsWith(image.name(), kInputs) &&
         (image.has_extend() <= image.has_mask()) && (!image.has_mask() || mask_resolved);
}

// Of its size it has the scale or a side, within what the arithmetic of sizes takes.
bool IsResolved(const v1::HiresFix& hires, const v1::ImageParameters& first) {
  constexpr double kMostScale = 100;
  constexpr int kMostSide = 1 << 16;
  const bool begun = first.width() > 0 && first.width() <= kMostSide && first.height() > 0 &&
                     first.height() <= kMostSide;
  const bool scaled = hires.scale() > 0 && hires.scale() <= kMostScale;
  const bool sized = hires.width() >= 0 && hires.width() <= kMostSide && hires.height() >= 0 &&
                     hires.height() <= kMostSide && hires.width() + hires.height() > 0;
  return begun && (hires.has_scale() ? scaled : sized) && !hires.upscaler().empty() &&
         hires.has_strength() && hires.steps() > 0 && !hires.sampler().empty() &&
         !hires.schedule().empty() && hires.has_guidance_scale();
}

// It has a scale or both sides.
bool IsResolved(const v1::Upscale& upscale, const v1::InitImage& image) {
  const bool sized = upscale.width() > 0 && upscale.height() > 0;
  return absl::StartsWith(image.name(), kInputs) && !upscale.upscaler().empty() &&
         upscale.has_scale() != sized;
}

// A job that only makes a picture larger.
WorkOrder ToUpscaleOrder(const v1::ImageParameters& parameters) {
  WorkOrder order;
  order.request.upscale = ToUpscale(parameters.upscale());
  order.input =
      InputOrder{.id = std::string(absl::StripPrefix(parameters.init_image().name(), kInputs)),
                 .as_it_is = true};
  return order;
}

// A variation has its seed, and styles have become text.
bool IsResolved(const v1::ImageParameters& parameters) {
  if (parameters.has_upscale()) {
    return IsResolved(parameters.upscale(), parameters.init_image());
  }
  const bool varied = parameters.variation().strength() != 0;
  const bool input_resolved = !parameters.has_init_image() || IsResolved(parameters.init_image());
  const bool hires_resolved =
      !parameters.has_hires_fix() || IsResolved(parameters.hires_fix(), parameters);
  return parameters.has_width() && parameters.has_height() && parameters.has_steps() &&
         parameters.has_guidance_scale() && parameters.has_seed() && parameters.seed() >= 0 &&
         parameters.image_count() > 0 && parameters.has_clip_skip() &&
         parameters.has_preview_interval() && !parameters.sampler().empty() &&
         !parameters.schedule().empty() && parameters.styles().empty() && input_resolved &&
         hires_resolved &&
         (!varied || (parameters.variation().has_seed() && parameters.variation().seed() >= 0));
}

}  // namespace

absl::StatusOr<WorkOrder> ParseJobSpec(absl::string_view bytes) {
  internal::v1::JobSpec spec;
  if (!spec.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::InvalidArgumentError("the job's specification cannot be read");
  }
  if (!scheduler::IsReadable(spec.version(), scheduler::kJobSpecVersion)) {
    return absl::UnimplementedError(
        absl::StrCat("version ", spec.version(), " of a job's specification is not known"));
  }
  if (!IsResolved(spec.parameters())) {
    return absl::InvalidArgumentError("the job's specification has unresolved fields");
  }
  if (spec.parameters().has_upscale()) return ToUpscaleOrder(spec.parameters());
  WorkOrder order{.request = ToRequest(spec.parameters()),
                  .preview_interval = std::max(0, spec.parameters().preview_interval()),
                  .input = ToInput(spec.parameters())};
  if (spec.parameters().has_hires_fix()) {
    const v1::HiresFix& hires = spec.parameters().hires_fix();
    order.request.hires = ToHires(spec.parameters());
    order.hires_size = {.width = hires.width(), .height = hires.height()};
    if (hires.has_scale()) order.hires_size.scale = hires.scale();
  }
  if (order.input.has_value()) {
    order.request.init = ToInit(spec.parameters().init_image());
  }
  return order;
}

}  // namespace darkroom::worker
