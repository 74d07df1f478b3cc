#include "worker/diffusion/request_start.h"

#include <utility>

#include "common/status_macros.h"
#include "naming/img2img_steps.h"
#include "worker/diffusion/pixels.h"

namespace darkroom::diffusion {
namespace {

SigmaOptions ToSigmaOptions(const ScheduleSettings& settings) {
  return {.sigma_min = settings.sigma_min,
          .sigma_max = settings.sigma_max,
          .rho = settings.rho,
          .beta_alpha = settings.beta_alpha,
          .beta_beta = settings.beta_beta,
          .discard_next_to_last = settings.discard_next_to_last_sigma};
}

// [1, 4, h, w] float32, on the device.
absl::StatusOr<at::Tensor> EncodePicture(DiffusionModel& model, const RgbImage& picture) {
  const at::Tensor pixels = ToPixels(picture).to(model.device());
  at::Tensor mean = model.vae().Encode(pixels).mean;
  if (!AllFinite(mean)) mean = model.exact_vae().Encode(pixels).mean;
  if (!AllFinite(mean)) return absl::InternalError("the encoded picture is not finite");
  return model.vae().ToUNetSpace(mean);
}

}  // namespace

absl::Status CheckInputs(const ImageRequest&, const ModelConfig& config) {
  const std::optional<UNetInputs> inputs = InputsOf(config.unet, config.vae);
  if (inputs == UNetInputs::kLatent) return absl::OkStatus();
  return absl::InvalidArgumentError(
      inputs == UNetInputs::kInpainting
          ? "model is made for inpainting: it needs a picture and a mask, and makes none of a text "
            "alone; choose another model"
          : "model is made for changing pictures by instruction: it needs a picture, and makes "
            "none "
            "of a text alone; choose another model");
}

absl::StatusOr<RequestStart> StartOf(DiffusionModel& model, const NoiseSchedule& schedule,
                                     const ImageRequest& request,
                                     const SamplerDefinition& sampler) {
  const SigmaOptions options = ToSigmaOptions(request.schedule_settings);
  RequestStart start;
  if (!request.init.has_value()) {
    DARKROOM_ASSIGN_OR_RETURN(
        start.sigmas, ResolveSigmas(sampler, request.schedule, schedule, request.steps, options));
    return start;
  }
  const int encoded_steps = naming::EncodedSteps(request.init->strength, request.steps);
  DARKROOM_ASSIGN_OR_RETURN(InitSchedule levels,
                            ResolveInitSigmas(sampler, request.schedule, schedule, request.steps,
                                              encoded_steps, options));
  start.sigmas = std::move(levels.sigmas);
  DARKROOM_ASSIGN_OR_RETURN(at::Tensor latent, EncodePicture(model, request.init->picture));
  start.init = InitLatent{.latent = std::move(latent),
                          .steps = request.steps + (options.discard_next_to_last ? 1 : 0),
                          .encoded_steps = encoded_steps,
                          .first_sigma = levels.first_sigma};
  return start;
}

}  // namespace darkroom::diffusion
