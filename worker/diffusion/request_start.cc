#include "worker/diffusion/request_start.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "ATen/TensorOperators.h"
#include "ATen/ops/empty.h"
#include "common/status_macros.h"
#include "naming/hires_pass.h"
#include "naming/img2img_steps.h"
#include "picture/mask.h"
#include "worker/diffusion/picture_conditioning.h"
#include "worker/diffusion/pixels.h"
#include "worker/diffusion/sampling/image_noise.h"

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

// InitLatent::renewed for a latent of this size.
at::Tensor RenewedOf(const InitMask& mask, const at::Tensor& latent) {
  const GreyImage reduced = picture::ReduceMask(mask.mask, static_cast<int>(latent.size(3)),
                                                static_cast<int>(latent.size(2)));
  return (mask.soft.has_value() ? ToSoftMask(reduced) : ToRoundedMask(reduced)).to(latent.device());
}

// The first draw of the image's seed alone, shaped as the latent.
at::Tensor NoiseInstead(const ImageRequest& request, int image, const at::Tensor& latent) {
  const auto seed =
      static_cast<std::int64_t>(SeedsOfImage(request.seed, request.variation, image).seed);
  const LatentShape shape{.height = static_cast<int>(latent.size(2)),
                          .width = static_cast<int>(latent.size(3))};
  const at::Tensor noise = at::empty(latent.sizes(), at::kFloat);
  MakeImageNoise({.source = request.noise_source, .seed = seed}, 0, shape)
      ->Draw({noise.mutable_data_ptr<float>(), static_cast<std::size_t>(noise.numel())});
  return noise.to(latent.device());
}

// The levels that are left of `steps` for a latent that is noised `encoded_steps` of them back,
// which is still to come.
absl::Status SetLevels(const NoiseSchedule& schedule, const ImageRequest& request,
                       const SamplerDefinition& sampler, int steps, int encoded_steps,
                       RequestStart& start) {
  const SigmaOptions options = ToSigmaOptions(request.schedule_settings);
  DARKROOM_ASSIGN_OR_RETURN(
      InitSchedule levels,
      ResolveInitSigmas(sampler, request.schedule, schedule, steps, encoded_steps, options));
  start.sigmas = std::move(levels.sigmas);
  start.init = InitLatent{.latent = at::Tensor(),
                          .steps = steps + (options.discard_next_to_last ? 1 : 0),
                          .encoded_steps = encoded_steps,
                          .first_sigma = levels.first_sigma};
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RequestStart> StartOf(DiffusionModel& model, const NoiseSchedule& schedule,
                                     const ImageRequest& request,
                                     const SamplerDefinition& sampler) {
  RequestStart start;
  DARKROOM_ASSIGN_OR_RETURN(start.picture, PictureConditioning(model, request));
  if (!request.init.has_value()) {
    DARKROOM_ASSIGN_OR_RETURN(start.sigmas,
                              ResolveSigmas(sampler, request.schedule, schedule, request.steps,
                                            ToSigmaOptions(request.schedule_settings)));
    return start;
  }
  const int encoded_steps = naming::EncodedSteps(request.init->strength, request.steps);
  DARKROOM_RETURN_IF_ERROR(
      SetLevels(schedule, request, sampler, request.steps, encoded_steps, start));
  DARKROOM_ASSIGN_OR_RETURN(
      const at::Tensor encoded,
      EncodePicture(model, ToPixels(request.init->picture).to(model.device())));
  start.init->latent = model.vae().ToUNetSpace(encoded);
  const std::optional<InitMask>& mask = request.init->mask;
  if (mask.has_value()) start.init->renewed = RenewedOf(*mask, start.init->latent);
  return start;
}

absl::StatusOr<RequestStart> HiresStartOf(DiffusionModel& model, const NoiseSchedule& schedule,
                                          const ImageRequest& pass, double strength,
                                          const SamplerDefinition& sampler) {
  RequestStart start;
  DARKROOM_ASSIGN_OR_RETURN(start.picture, PictureConditioning(model, pass));
  const auto steps = static_cast<int>(naming::HiresScheduleSteps(strength, pass.steps));
  DARKROOM_RETURN_IF_ERROR(SetLevels(schedule, pass, sampler, steps, pass.steps - 1, start));
  return start;
}

std::optional<InitLatent> MaskedStart(const RequestStart& start, const ImageRequest& request,
                                      int image) {
  std::optional<InitLatent> init = start.init;
  if (!init.has_value() || !init->renewed.defined()) return init;
  const MaskedLatent begins_with = request.init->mask->begins_with;
  if (begins_with == MaskedLatent::kPicture) return init;
  init->latent = init->latent * (1 - init->renewed);
  if (begins_with == MaskedLatent::kNoise) {
    init->latent = init->latent + NoiseInstead(request, image, init->latent) * init->renewed;
  }
  return init;
}

}  // namespace darkroom::diffusion
