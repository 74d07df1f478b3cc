#include "server/a1111/errors.h"

#include "absl/strings/str_replace.h"
#include "server/a1111/values.h"
#include "server/core/api_error.h"
#include "server/http/json.h"

namespace darkroom::server::a1111 {
namespace {

constexpr int kUnprocessable = 422;

// What messages call the fields, and what clients do. The longer go first where one begins another.
std::string WithTheirNames(const std::string& message) {
  return absl::StrReplaceAll(
      message, {{"parameters.guidance_scale", "cfg_scale"},
                {"parameters.image_count", "n_iter * batch_size"},
                {"parameters.sampler_options.", ""},
                {"parameters.sampler", "sampler_name"},
                {"parameters.schedule_options.", "override_settings."},
                {"parameters.schedule", "scheduler"},
                {"parameters.model", "override_settings.sd_model_checkpoint"},
                {"parameters.clip_skip", "override_settings.CLIP_stop_at_last_layers"},
                {"parameters.hires_fix.strength", "denoising_strength"},
                {"parameters.hires_fix.steps", "hr_second_pass_steps"},
                {"parameters.hires_fix.sampler", "hr_sampler_name"},
                {"parameters.hires_fix.schedule", "hr_scheduler"},
                {"parameters.hires_fix.width", "hr_resize_x"},
                {"parameters.hires_fix.height", "hr_resize_y"},
                {"parameters.hires_fix.guidance_scale", "hr_cfg"},
                {"parameters.hires_fix.", "hr_"},
                {"parameters.init_image.strength", "denoising_strength"},
                {"parameters.init_image.content", "init_images"},
                {"parameters.init_image.guidance_scale", "image_cfg_scale"},
                {"parameters.init_image.mask.content", "mask"},
                {"parameters.init_image.mask.blur", "mask_blur"},
                {"parameters.init_image.mask.padding", "inpaint_full_res_padding"},
                {"parameters.init_image.mask", "mask"},
                {"parameters.init_image", "init_images"},
                {"parameters.variation.seed", "subseed"},
                {"parameters.variation.strength", "subseed_strength"},
                {"parameters.upscale.scale", "upscaling_resize"},
                {"parameters.upscale.width", "upscaling_resize_w"},
                {"parameters.upscale.height", "upscaling_resize_h"},
                {"parameters.upscale.upscaler", "upscaler_1"},
                {"parameters.upscale.second_upscaler", "upscaler_2"},
                {"parameters.upscale.second_visibility", "extras_upscaler_2_visibility"},
                {"parameters.", ""}});
}

}  // namespace

std::string ErrorJson(const http::Failure& failure) {
  const Value message = Text(WithTheirNames(std::string(failure.status.message())));
  return http::ToJson(Object({{"error", Text(http::ReasonOf(failure.status))},
                              {"detail", message},
                              {"body", Text("")},
                              {"errors", message}})) +
         "\n";
}

http::Failure FailureOf(const absl::Status& status) {
  http::Failure failure = http::FailureOf(status);
  if (status.code() == absl::StatusCode::kInvalidArgument) failure.http_status = kUnprocessable;
  return failure;
}

}  // namespace darkroom::server::a1111
