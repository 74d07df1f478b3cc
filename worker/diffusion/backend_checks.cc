#include "worker/diffusion/backend_checks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "naming/hires_pass.h"
#include "naming/sampler_names.h"
#include "prompt/limits.h"

namespace darkroom::diffusion {
namespace {

constexpr std::int64_t kMaxSeed = 0xFFFFFFFF;
constexpr double kMaxPictureScale = 30;

absl::Status CheckRange(absl::string_view field, std::int64_t value, std::int64_t low,
                        std::int64_t high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " is ", value, ", not between ", low, " and ", high));
}

absl::Status CheckNumber(absl::string_view field, double value, double low, double high) {
  if (value >= low && value <= high) return absl::OkStatus();  // NaN is not
  return absl::InvalidArgumentError(
      absl::StrCat(field, " is ", value, ", not between ", low, " and ", high));
}

absl::Status CheckSide(absl::string_view field, int side, const ModelInfo& info) {
  DARKROOM_RETURN_IF_ERROR(CheckRange(field, side, info.size_multiple, info.max_side));
  if (side % info.size_multiple == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " is ", side, ", not a multiple of ", info.size_multiple));
}

absl::Status CheckName(absl::string_view field, const std::string& name,
                       const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), name) != known.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, " is not one of the model's"));
}

absl::Status CheckNoise(const ImageRequest& request, const ModelInfo& info) {
  DARKROOM_RETURN_IF_ERROR(CheckRange("seed", request.seed, 0, kMaxSeed));
  DARKROOM_RETURN_IF_ERROR(CheckRange("variation.seed", request.variation.seed, 0, kMaxSeed));
  DARKROOM_RETURN_IF_ERROR(CheckNumber("variation.strength", request.variation.strength, 0, 1));
  DARKROOM_RETURN_IF_ERROR(
      CheckRange("eta_seed_delta", request.eta_seed_delta, -kMaxSeed, kMaxSeed));
  const PictureSize& from = request.seed_resize_from;
  if (from.empty()) return absl::OkStatus();
  DARKROOM_RETURN_IF_ERROR(CheckSide("seed_resize_from.width", from.width, info));
  return CheckSide("seed_resize_from.height", from.height, info);
}

absl::Status CheckSettings(const ImageRequest& request) {
  const SamplerSettings& sampler = request.sampler_settings;
  const ScheduleSettings& schedule = request.schedule_settings;
  const GuidanceSettings& guidance = request.guidance_settings;
  constexpr double kSmallest = std::numeric_limits<double>::min();
  const struct {
    absl::string_view field;
    double value;
    double low;
    double high;
  } fields[] = {
      {"sampler_options.eta", sampler.eta.value_or(0), 0, 1},
      {"sampler_options.s_churn", sampler.s_churn, 0, 100},
      {"sampler_options.s_tmin", sampler.s_tmin, 0, 10},
      {"sampler_options.s_tmax", sampler.s_tmax, 0, 999},
      {"sampler_options.s_noise", sampler.s_noise, 0, 1.1},
      {"schedule_options.sigma_min", schedule.sigma_min, 0, 10},
      {"schedule_options.sigma_max", schedule.sigma_max, 0, 100},
      {"schedule_options.rho", schedule.rho, 0, 100},
      {"schedule_options.beta_alpha", schedule.beta_alpha, kSmallest, 10},
      {"schedule_options.beta_beta", schedule.beta_beta, kSmallest, 10},
      {"guidance_options.rescale", guidance.rescale, 0, 1},
      {"guidance_options.min_negative_sigma", guidance.min_negative_sigma, 0, 100},
  };
  for (const auto& [field, value, low, high] : fields) {
    DARKROOM_RETURN_IF_ERROR(CheckNumber(field, value, low, high));
  }
  return absl::OkStatus();
}

bool HasSizeOf(const ImageRequest& request, const GreyImage& mask) {
  return mask.width == request.width && mask.height == request.height &&
         mask.pixels.size() == std::size_t{1} * request.width * request.height;
}

absl::Status CheckInit(const ImageRequest& request, const ModelInfo& info) {
  if (!request.init.has_value()) {
    if (info.task != ModelTask::kInstruction) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "init_image is missing: the model changes pictures by instruction");
  }
  const InitPicture& init = *request.init;
  const RgbImage& picture = init.picture;
  DARKROOM_RETURN_IF_ERROR(
      CheckNumber("init_image.strength", init.strength, std::numeric_limits<double>::min(), 1));
  DARKROOM_RETURN_IF_ERROR(CheckNumber("init_image.guidance_scale", init.guidance_scale.value_or(1),
                                       0, kMaxPictureScale));
  if (init.mask.has_value() && !HasSizeOf(request, init.mask->mask)) {
    return absl::InvalidArgumentError("init_image.mask is not of the request's size");
  }
  if (picture.width == request.width && picture.height == request.height &&
      picture.pixels.size() == std::size_t{3} * request.width * request.height) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("init_image is not of the request's size");
}

absl::Status CheckPromptSize(absl::string_view field, const prompt::PromptSize& size) {
  if (size.parts > prompt::kMaxParts) {
    return absl::InvalidArgumentError(absl::StrCat(field, " has ", size.parts,
                                                   " parts joined by AND; at most ",
                                                   prompt::kMaxParts, " are possible"));
  }
  if (size.breaks > prompt::kMaxBreaks) {
    return absl::InvalidArgumentError(absl::StrCat(field, " has ", size.breaks,
                                                   " BREAKs in one text; at most ",
                                                   prompt::kMaxBreaks, " are possible"));
  }
  if (size.variant_bytes > prompt::kMaxVariantBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, " has edits of more than ", prompt::kMaxVariantBytes,
                     " bytes, all variants together; use fewer or shorter ones"));
  }
  return absl::OkStatus();
}

int CallsOf(const std::string& sampler, int steps) {
  const naming::SamplerName* known = naming::FindSampler(sampler);
  return known != nullptr && known->second_order ? 2 * steps : steps;
}

// What a pass asks of the model; `of` goes before the names of its fields.
absl::Status CheckPass(absl::string_view of, const ImageRequest& pass, const ModelInfo& info) {
  const auto field = [of](absl::string_view name) { return absl::StrCat(of, name); };
  DARKROOM_RETURN_IF_ERROR(CheckSide(field("width"), pass.width, info));
  DARKROOM_RETURN_IF_ERROR(CheckSide(field("height"), pass.height, info));
  DARKROOM_RETURN_IF_ERROR(CheckRange(field("width * height"),
                                      std::int64_t{pass.width} * pass.height, 1, info.max_pixels));
  DARKROOM_RETURN_IF_ERROR(CheckRange(field("steps"), pass.steps, 1, info.max_steps));
  DARKROOM_RETURN_IF_ERROR(CheckName(field("sampler"), pass.sampler, info.samplers));
  DARKROOM_RETURN_IF_ERROR(CheckName(field("schedule"), pass.schedule, info.schedules));
  if (std::isfinite(pass.guidance_scale)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field("guidance_scale"), " is not finite"));
}

absl::Status CheckPrompts(absl::string_view of, const ImageRequest& pass,
                          const prompt::PassSteps& steps) {
  DARKROOM_RETURN_IF_ERROR(
      CheckPromptSize(absl::StrCat(of, "prompt"), prompt::MeasurePrompt(pass.prompt, steps)));
  return CheckPromptSize(absl::StrCat(of, "negative_prompt"),
                         prompt::MeasureNegativePrompt(pass.negative_prompt, steps));
}

// The picture between the passes; it covers what is made of it.
absl::Status CheckScaled(const HiresFix& hires, const ModelInfo& info) {
  const PictureSize& scaled = hires.scaled;
  DARKROOM_RETURN_IF_ERROR(
      CheckRange("hires_fix.width", scaled.width, hires.size.width, info.max_side));
  DARKROOM_RETURN_IF_ERROR(
      CheckRange("hires_fix.height", scaled.height, hires.size.height, info.max_side));
  return CheckRange("hires_fix.width * hires_fix.height",
                    std::int64_t{scaled.width} * scaled.height, 1, info.max_pixels);
}

absl::Status CheckHires(const ImageRequest& request, const ModelInfo& info) {
  if (!request.hires.has_value()) return absl::OkStatus();
  constexpr absl::string_view kOf = "hires_fix.";
  const HiresFix& hires = *request.hires;
  if (request.init.has_value()) {
    return absl::InvalidArgumentError("hires_fix cannot be used with init_image");
  }
  const naming::UpscalerName* upscaler = naming::FindUpscaler(hires.upscaler);
  // Others are files, which the backend knows.
  if (upscaler != nullptr && upscaler->name != hires.upscaler) {
    return absl::InvalidArgumentError("hires_fix.upscaler is not spelt as its name is");
  }
  DARKROOM_RETURN_IF_ERROR(CheckPass(kOf, SecondPass(request), info));
  DARKROOM_RETURN_IF_ERROR(CheckScaled(hires, info));
  DARKROOM_RETURN_IF_ERROR(
      CheckNumber("hires_fix.strength", hires.strength, std::numeric_limits<double>::min(), 1));
  DARKROOM_RETURN_IF_ERROR(CheckNumber("hires_fix.steps / hires_fix.strength",
                                       hires.steps / hires.strength, 1,
                                       naming::kMaxHiresScheduleSteps));
  return CheckPrompts(kOf, SecondPass(request), SecondPassOf(request));
}

bool IsWhole(const RgbImage& picture) {
  return picture.width > 0 && picture.height > 0 &&
         picture.pixels.size() == std::size_t{3} * picture.width * picture.height;
}

absl::Status CheckUpscale(const Upscale& upscale) {
  constexpr double kMostScale = 1 << 14;
  constexpr int kMostSide = 1 << 14;
  if (!IsWhole(upscale.picture)) return absl::InvalidArgumentError("init_image has no pixels");
  DARKROOM_RETURN_IF_ERROR(
      CheckNumber("upscale.scale", upscale.scale, std::numeric_limits<double>::min(), kMostScale));
  DARKROOM_RETURN_IF_ERROR(CheckNumber("upscale.second_visibility", upscale.second_share, 0, 1));
  const PictureSize& cover = upscale.cover;
  if (!cover.empty()) {
    DARKROOM_RETURN_IF_ERROR(CheckRange("upscale.width", cover.width, 1, kMostSide));
    DARKROOM_RETURN_IF_ERROR(CheckRange("upscale.height", cover.height, 1, kMostSide));
  }
  const naming::UpscaleAim aim = AimOf(upscale);
  if (aim.width > 0 && aim.height > 0 &&
      std::int64_t{aim.width} * aim.height <= naming::kMaxUpscaledPixels) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("upscale makes ", aim.width, " x ", aim.height, " pixels"));
}

}  // namespace

naming::UpscaleAim AimOf(const Upscale& upscale) {
  const auto& [width, height] = std::pair(upscale.picture.width, upscale.picture.height);
  return upscale.cover.empty()
             ? naming::AimBy(width, height, upscale.scale)
             : naming::AimToCover(width, height, upscale.cover.width, upscale.cover.height);
}

prompt::PassSteps PassOf(const ImageRequest& request) {
  return {.steps = CallsOf(request.sampler, request.steps)};
}

prompt::PassSteps SecondPassOf(const ImageRequest& request) {
  return {.steps = CallsOf(request.hires->sampler, request.hires->steps),
          .first_pass_steps = PassOf(request).steps};
}

ImageRequest SecondPass(const ImageRequest& request) {
  const HiresFix& hires = *request.hires;
  ImageRequest pass = request;
  pass.hires.reset();
  pass.prompt = hires.prompt;
  pass.negative_prompt = hires.negative_prompt;
  pass.width = hires.size.width;
  pass.height = hires.size.height;
  pass.steps = hires.steps;
  pass.sampler = hires.sampler;
  pass.schedule = hires.schedule;
  pass.guidance_scale = hires.guidance_scale;
  return pass;
}

absl::Status CheckRequest(const ImageRequest& request, const ModelInfo& info) {
  if (request.upscale.has_value()) return CheckUpscale(*request.upscale);
  DARKROOM_RETURN_IF_ERROR(CheckPass("", request, info));
  DARKROOM_RETURN_IF_ERROR(CheckRange("image_count", request.image_count, 1, info.max_images));
  DARKROOM_RETURN_IF_ERROR(CheckRange("clip_skip", request.clip_skip, 1, info.max_clip_skip));
  DARKROOM_RETURN_IF_ERROR(CheckNoise(request, info));
  DARKROOM_RETURN_IF_ERROR(CheckSettings(request));
  DARKROOM_RETURN_IF_ERROR(CheckInit(request, info));
  DARKROOM_RETURN_IF_ERROR(CheckHires(request, info));
  return CheckPrompts("", request, PassOf(request));
}

absl::Status CheckRows(absl::Span<const Row> rows, int max_rows) {
  if (rows.empty() || rows.size() > static_cast<std::size_t>(max_rows)) {
    return absl::FailedPreconditionError(
        absl::StrCat(rows.size(), " rows in a step that takes 1 to ", max_rows));
  }
  std::set<std::pair<const Generation*, int>> seen;
  for (const Row& row : rows) {
    if (row.image < 0 || row.image >= row.generation->image_count() ||
        row.generation->done(row.image)) {
      return absl::FailedPreconditionError("a row of an image that is done or does not exist");
    }
    if (row.generation->scaling_left(row.image) > 0) {
      return absl::FailedPreconditionError("a row of an image that waits between its passes");
    }
    if (row.generation->batch_key(row.image) != rows[0].generation->batch_key(rows[0].image)) {
      return absl::FailedPreconditionError("rows of different batch keys in one step");
    }
    if (!seen.emplace(row.generation, row.image).second) {
      return absl::FailedPreconditionError("an image occurs twice in one step");
    }
  }
  return absl::OkStatus();
}

}  // namespace darkroom::diffusion
