#include "worker/engine/finished_image.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "infotext/image_parameters.h"
#include "infotext/infotext.h"
#include "naming/sampler_names.h"
#include "prompt/emphasis.h"
#include "worker/image/png_encoder.h"

namespace darkroom::worker {

namespace {

using diffusion::ImageRequest;
using infotext::ImageParameters;

// What has its default is not written.
std::optional<double> Unless(double value, double otherwise) {
  return value == otherwise ? std::nullopt : std::optional(value);
}

// A text that reads the same under every emphasis need not name one. AUTOMATIC1111 looks for
// opening brackets alone, which misses what "None" does to BREAK and backslashes.
bool DependsOnEmphasis(const std::string& text) {
  return text.find_first_of("()[]\\") != text.npos || absl::StrContains(text, "BREAK");
}

// As ImageRNG's users name it: of samplers that AUTOMATIC1111 marks, unless eta keeps them from
// adding noise.
bool NamesEtaSeedDelta(const ImageRequest& request, const naming::SamplerName& sampler) {
  return request.eta_seed_delta != 0 && sampler.uses_ensd &&
         request.sampler_settings.eta.value_or(sampler.default_eta) != 0;
}

// modules/processing.py, create_infotext.
void DescribeSeeds(const ImageRequest& request, int index, ImageParameters* parameters) {
  const auto [seed, variation_seed] =
      diffusion::SeedsOfImage(request.seed, request.variation, index);
  parameters->seed = static_cast<std::int64_t>(seed);
  if (request.variation.strength != 0) {
    parameters->variation_seed = static_cast<std::int64_t>(variation_seed);
    parameters->variation_strength = request.variation.strength;
  }
  if (!request.seed_resize_from.empty()) {
    parameters->seed_resize_from =
        infotext::Size{request.seed_resize_from.width, request.seed_resize_from.height};
  }
}

// modules/sd_samplers_common.py, Sampler.initialize.
void DescribeSampler(const ImageRequest& request, const naming::SamplerName& sampler,
                     ImageParameters* parameters) {
  const diffusion::SamplerSettings& settings = request.sampler_settings;
  if (NamesEtaSeedDelta(request, sampler)) parameters->eta_seed_delta = request.eta_seed_delta;
  if (sampler.takes_eta && settings.eta.value_or(sampler.default_eta) != sampler.default_eta) {
    (sampler.over_timesteps ? parameters->eta_ddim : parameters->eta) = settings.eta;
  }
  if (sampler.takes_churn) {
    parameters->sigma_churn = Unless(settings.s_churn, 0);
    parameters->sigma_tmin = Unless(settings.s_tmin, 0);
    parameters->sigma_tmax = Unless(settings.s_tmax, 0);
  }
  if (sampler.takes_step_noise) parameters->sigma_noise = Unless(settings.s_noise, 1);
}

// modules/sd_samplers_kdiffusion.py, get_sigmas. `used` is the schedule of a pass.
void DescribeSchedule(const ImageRequest& request, const naming::SamplerName& sampler,
                      absl::string_view used, ImageParameters* parameters) {
  const diffusion::ScheduleSettings& settings = request.schedule_settings;
  parameters->discard_penultimate_sigma = settings.discard_next_to_last_sigma;
  if (sampler.over_timesteps || used == naming::kAutomatic) return;
  parameters->schedule_sigma_min = Unless(settings.sigma_min, 0);
  parameters->schedule_sigma_max = Unless(settings.sigma_max, 0);
  if (used == "Karras" || used == "Polyexponential") {
    parameters->schedule_rho = Unless(settings.rho, 0);
  }
  if (used == "Beta") {
    parameters->beta_schedule_alpha = settings.beta_alpha;
    parameters->beta_schedule_beta = settings.beta_beta;
  }
}

// modules/processing.py, StableDiffusionProcessingTxt2Img.init. Where the second pass's schedule is
// "Automatic" and the first's is not, AUTOMATIC1111 writes none, and then reads the first's; here
// it is written.
void DescribeHires(const WorkOrder& order, ImageParameters* parameters) {
  const ImageRequest& request = order.request;
  const diffusion::HiresFix& hires = *request.hires;
  parameters->denoising_strength = hires.strength;
  parameters->hires_upscaler = hires.upscaler;
  parameters->hires_upscale = order.hires_size.scale;
  if (!order.hires_size.scale.has_value()) {
    parameters->hires_resize = infotext::Size{order.hires_size.width, order.hires_size.height};
  }
  if (hires.steps != request.steps) parameters->hires_steps = hires.steps;
  if (hires.sampler != request.sampler) parameters->hires_sampler = hires.sampler;
  if (hires.prompt != request.prompt) parameters->hires_prompt = hires.prompt;
  if (hires.negative_prompt != request.negative_prompt) {
    parameters->hires_negative_prompt = hires.negative_prompt;
  }
  parameters->hires_guidance_scale = Unless(hires.guidance_scale, request.guidance_scale);
  const naming::SamplerName* sampler = naming::FindSampler(hires.sampler);
  if (sampler == nullptr) return;
  const absl::string_view used = naming::UsedSchedule(*sampler, hires.schedule);
  if (!sampler->over_timesteps && used != parameters->schedule) {
    parameters->hires_schedule = std::string(used);
  }
  DescribeSampler(request, *sampler, parameters);
  DescribeSchedule(request, *sampler, used, parameters);
}

bool DependsOnEmphasis(const ImageRequest& request) {
  const std::optional<diffusion::HiresFix>& hires = request.hires;
  return DependsOnEmphasis(request.prompt) || DependsOnEmphasis(request.negative_prompt) ||
         (hires.has_value() &&
          (DependsOnEmphasis(hires->prompt) || DependsOnEmphasis(hires->negative_prompt)));
}

// modules/processing.py, StableDiffusionProcessingImg2Img.init.
void DescribeMask(const MaskOrder& mask, const ImageRequest& request, ImageParameters* parameters) {
  if (mask.options.inverted) parameters->mask_mode = "Inpaint not masked";
  if (mask.options.blur > 0) parameters->mask_blur = mask.options.blur;
  if (mask.options.padding.has_value()) {
    parameters->inpaint_area = "Only masked";
    parameters->masked_padding = mask.options.padding;
  }
  if (const std::optional<diffusion::SoftInpainting>& soft = request.init->mask->soft) {
    parameters->soft_inpainting = true;
    parameters->soft_schedule_bias = soft->schedule_bias;
    parameters->soft_preservation_strength = soft->preservation_strength;
    parameters->soft_contrast_boost = soft->transition_contrast_boost;
    parameters->soft_mask_influence = soft->mask_influence;
    parameters->soft_difference_threshold = soft->difference_threshold;
    parameters->soft_difference_contrast = soft->difference_contrast;
  }
  if (!mask.options.fills) return;
  switch (request.init->mask->begins_with) {
    case diffusion::MaskedLatent::kPicture:
      parameters->masked_content = "fill";
      break;
    case diffusion::MaskedLatent::kNoise:
      parameters->masked_content = "latent noise";
      break;
    case diffusion::MaskedLatent::kZero:
      parameters->masked_content = "latent nothing";
      break;
  }
}

ImageParameters Describe(const ImageRequest& request, int index) {
  ImageParameters parameters{.prompt = request.prompt,
                             .negative_prompt = request.negative_prompt,
                             .steps = request.steps,
                             .sampler = request.sampler,
                             .schedule = request.schedule,
                             .guidance_scale = request.guidance_scale,
                             .clip_skip = request.clip_skip};
  const bool philox = request.noise_source == diffusion::NoiseSource::kPhilox;
  parameters.noise_source = philox ? "NV" : "CPU";
  parameters.tiling = request.tiling;
  DescribeSeeds(request, index, &parameters);
  if (request.init.has_value()) {
    parameters.denoising_strength = request.init->strength;
    parameters.picture_guidance_scale = request.init->guidance_scale;
  }
  if (const naming::SamplerName* sampler = naming::FindSampler(request.sampler)) {
    const absl::string_view used = naming::UsedSchedule(*sampler, request.schedule);
    parameters.schedule = std::string(used);
    DescribeSampler(request, *sampler, &parameters);
    DescribeSchedule(request, *sampler, used, &parameters);
  }
  if (DependsOnEmphasis(request)) {
    parameters.emphasis = std::string(prompt::EmphasisName(request.emphasis));
  }
  const diffusion::GuidanceSettings& guidance = request.guidance_settings;
  parameters.guidance_rescale = Unless(guidance.rescale, 0);
  parameters.min_uncond_sigma = Unless(guidance.min_negative_sigma, 0);
  parameters.skip_uncond_at_every_call =
      guidance.min_negative_sigma != 0 && guidance.skip_negative_at_every_call;
  return parameters;
}

// ScriptPostprocessingUpscale.process, of the picture's job.
std::string DescribeUpscale(const WorkOrder& order, const RgbImage& picture) {
  const diffusion::Upscale& upscale = *order.request.upscale;
  std::vector<infotext::Pair> pairs;
  if (upscale.cover.empty()) {
    pairs.push_back({"Postprocess upscale by", absl::StrCat(upscale.scale)});
  } else {
    pairs.push_back(
        {"Postprocess upscale to", absl::StrCat(upscale.cover.width, "x", upscale.cover.height)});
    if (upscale.crop) {
      pairs.push_back({"Postprocess crop to", absl::StrCat(picture.width, "x", picture.height)});
    }
  }
  pairs.push_back({"Postprocess upscaler", upscale.upscaler});
  if (!upscale.second_upscaler.empty()) {
    pairs.push_back({"Postprocess upscaler 2", upscale.second_upscaler});
  }
  return infotext::AppendPairs(order.input_infotext, pairs);
}

absl::StatusOr<FinishedImage> EncodeFinished(const RgbImage& picture, int index, std::int64_t seed,
                                             std::string text) {
  FinishedImage image;
  DARKROOM_ASSIGN_OR_RETURN(image.png, EncodePng(picture, text));
  image.record.set_index(index);
  image.record.set_seed(seed);
  image.record.set_width(picture.width);
  image.record.set_height(picture.height);
  image.record.set_mime_type("image/png");
  image.record.set_size_bytes(static_cast<std::int64_t>(image.png.size()));
  image.record.set_sha256(Sha256Hex(image.png));
  image.record.set_infotext(std::move(text));
  return image;
}

}  // namespace

absl::StatusOr<FinishedImage> FinishImage(const RgbImage& picture, const WorkOrder& order,
                                          int index, absl::string_view model,
                                          absl::string_view model_hash) {
  const ImageRequest& request = order.request;
  if (request.upscale.has_value()) {
    return EncodeFinished(picture, index, /*seed=*/0, DescribeUpscale(order, picture));
  }
  ImageParameters parameters = Describe(request, index);
  if (order.input.has_value() && order.input->mask.has_value()) {
    DescribeMask(*order.input->mask, request, &parameters);
    const auto& [left, top, right, bottom] = order.input->margins;
    if (order.input->margins != picture::Margins{}) {
      parameters.outpaint_margins = absl::StrCat(left, " ", top, " ", right, " ", bottom);
    }
  }
  if (request.hires.has_value()) DescribeHires(order, &parameters);
  parameters.size = infotext::Size{request.width, request.height};
  parameters.model_hash = std::string(model_hash);
  parameters.model = std::string(model);
  parameters.version = "darkroom v" DARKROOM_VERSION;
  return EncodeFinished(picture, index, *parameters.seed, infotext::FormatInfotext(parameters));
}

}  // namespace darkroom::worker
