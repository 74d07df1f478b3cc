#include "worker/diffusion/generation_factory.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/status_macros.h"
#include "prompt/chunks.h"
#include "worker/diffusion/request_guidance.h"
#include "worker/diffusion/request_start.h"
#include "worker/diffusion/sampling/image_noise.h"
#include "worker/diffusion/sampling/sampler_registry.h"

namespace darkroom::diffusion {
namespace {

SamplerOptions ToSamplerOptions(const SamplerSettings& settings, const SamplerDefinition& sampler) {
  SamplerOptions options{.eta = settings.eta.value_or(sampler.facts().default_eta),
                         .s_churn = settings.s_churn,
                         .s_tmin = settings.s_tmin,
                         .s_noise = settings.s_noise};
  if (settings.s_tmax > 0) options.s_tmax = settings.s_tmax;
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TorchGeneration>> PrepareGeneration(DiffusionModel& model,
                                                                   PromptFiles& files,
                                                                   const NoiseSchedule& schedule,
                                                                   const ImageRequest& request) {
  const SamplerDefinition* sampler = FindSampler(request.sampler);
  if (sampler == nullptr) return absl::InternalError("a sampler's name without the sampler");
  DARKROOM_ASSIGN_OR_RETURN(const RequestStart start, StartOf(model, schedule, request, *sampler));
  DARKROOM_ASSIGN_OR_RETURN(Guidance guidance, EncodeRequest(model, files, request, *sampler));
  const int scale = model.config().vae.scale();
  const BatchKey key{.latent_height = request.height / scale,
                     .latent_width = request.width / scale,
                     .chunks = static_cast<int>(MaxTokens(guidance)) / prompt::kChunkLength};
  const SeedOptions seeds{.source = request.noise_source,
                          .seed = request.seed,
                          .variation = request.variation,
                          .resize_from_height = request.seed_resize_from.height / scale,
                          .resize_from_width = request.seed_resize_from.width / scale,
                          .eta_seed_delta = request.eta_seed_delta};
  const LatentShape shape{.height = key.latent_height, .width = key.latent_width};
  std::vector<std::unique_ptr<SamplerContext>> contexts;
  for (int i = 0; i < request.image_count; ++i) {
    contexts.push_back(std::make_unique<SamplerContext>(
        schedule, SamplerInput{.sigmas = start.sigmas,
                               .generator = MakeImageNoise(seeds, i, shape),
                               .noise_source = request.noise_source,
                               .seed = SeedsOfImage(request.seed, request.variation, i).seed,
                               .options = ToSamplerOptions(request.sampler_settings, *sampler),
                               .height = key.latent_height,
                               .width = key.latent_width,
                               .device = model.device(),
                               .init = MaskedStart(start, request, i)}));
  }
  return std::make_unique<TorchGeneration>(key, std::move(guidance), start.picture,
                                           sampler->function, std::move(contexts));
}

}  // namespace darkroom::diffusion
