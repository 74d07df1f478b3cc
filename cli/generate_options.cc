#include "cli/generate_options.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

using darkroom::v1::ImageParameters;

absl::StatusOr<darkroom::v1::NoiseSource> ParseNoise(absl::string_view name) {
  if (name == "philox") return darkroom::v1::NOISE_SOURCE_PHILOX;
  if (name == "mt19937") return darkroom::v1::NOISE_SOURCE_MT19937;
  return absl::InvalidArgumentError(
      absl::StrCat("--noise: \"", name, "\" is not known; write philox or mt19937"));
}

// The fields of the request have 32 bits: a value must not wrap into one that the server accepts.
absl::Status Set(absl::string_view option, const std::optional<std::int64_t>& value,
                 ImageParameters& parameters, void (ImageParameters::*setter)(std::int32_t)) {
  if (!value.has_value()) return absl::OkStatus();
  if (*value < std::numeric_limits<std::int32_t>::min() ||
      *value > std::numeric_limits<std::int32_t>::max()) {
    return absl::InvalidArgumentError(absl::StrCat("--", option, ": ", *value, " is too large"));
  }
  (parameters.*setter)(static_cast<std::int32_t>(*value));
  return absl::OkStatus();
}

}  // namespace

void GenerateOptions::Declare(OptionParser& options) {
  options.Add({"negative", "TEXT", "what the picture is guided away from", ""}, &negative);
  options.Add({"model", "NAME", "see `darkroom models`; default: the server's", ""}, &model);
  options.Add({"width", "PIXELS", "a multiple of 8; default: the model's", ""}, &width);
  options.Add({"height", "PIXELS", "a multiple of 8; default: the model's", ""}, &height);
  options.Add({"steps", "N", "sampling steps; more take longer", ""}, &steps);
  options.Add({"sampler", "NAME", "\"Euler\", \"Euler a\", \"DPM++ 2M\", \"DDIM\", ...", ""},
              &sampler);
  options.Add({"schedule", "NAME", "noise schedule: \"Karras\", \"Automatic\", ...", ""},
              &schedule);
  options.Add({"guidance", "SCALE", "how closely to follow the prompt (CFG scale)", ""}, &guidance);
  options.Add({"seed", "N", "the same seed gives the same picture; default: a random one", ""},
              &seed);
  options.Add({"count", "N", "pictures, with the seeds N, N+1, ...", ""}, &count);
  options.Add({"clip_skip", "N", "text encoder layer that counts as the last, from the end", ""},
              &clip_skip);
  options.Add({"noise", "SOURCE", "philox (default) or mt19937", ""}, &noise);
  options.Add({"preview_interval", "STEPS", "steps between previews, 0 for none", ""},
              &preview_interval);
  options.Add({"request_id", "ID", "the same id never makes a second job", ""}, &request_id);
  options.Add({"out", "PATH", "a folder, or a file ending in .png; never overwrites", ""}, &out);
  options.Add({"json", "", "print the job and its files as JSON", ""}, &json);
  options.Add({"timeout", "TIME", "give the job up after this time: 90s, 5m", ""}, &timeout);
}

absl::StatusOr<darkroom::v1::GenerateImageRequest> GenerateOptions::Request(
    absl::string_view prompt) const {
  darkroom::v1::GenerateImageRequest request;
  request.set_request_id(request_id.empty() ? RandomId() : request_id);
  ImageParameters& parameters = *request.mutable_parameters();
  parameters.set_prompt(prompt.data(), prompt.size());
  parameters.set_negative_prompt(negative);
  parameters.set_model(model);
  parameters.set_sampler(sampler);
  parameters.set_schedule(schedule);
  DARKROOM_RETURN_IF_ERROR(Set("width", width, parameters, &ImageParameters::set_width));
  DARKROOM_RETURN_IF_ERROR(Set("height", height, parameters, &ImageParameters::set_height));
  DARKROOM_RETURN_IF_ERROR(Set("steps", steps, parameters, &ImageParameters::set_steps));
  DARKROOM_RETURN_IF_ERROR(Set("count", count, parameters, &ImageParameters::set_image_count));
  DARKROOM_RETURN_IF_ERROR(
      Set("clip_skip", clip_skip, parameters, &ImageParameters::set_clip_skip));
  DARKROOM_RETURN_IF_ERROR(Set("preview_interval", preview_interval, parameters,
                               &ImageParameters::set_preview_interval));
  if (guidance.has_value()) parameters.set_guidance_scale(*guidance);
  if (seed.has_value()) parameters.set_seed(*seed);
  DARKROOM_ASSIGN_OR_RETURN(const auto source, ParseNoise(noise));
  parameters.set_noise_source(source);
  return request;
}

}  // namespace darkroom::cli
