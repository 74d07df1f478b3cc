#include "worker/diffusion/generation_factory.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/status_macros.h"
#include "prompt/chunks.h"
#include "worker/diffusion/backend_checks.h"
#include "worker/diffusion/hires_pass.h"
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

// What the samplers of one pass share.
struct PassPlan {
  const SamplerDefinition* sampler = nullptr;
  RequestStart start;
  SamplingPass pass;
};

std::optional<SoftInpainting> SoftOf(const ImageRequest& request) {
  const bool masked = request.init.has_value() && request.init->mask.has_value();
  return masked ? request.init->mask->soft : std::nullopt;
}

// `steps` and `size` as EncodeRequest takes them.
absl::StatusOr<PassPlan> PlanPass(DiffusionModel& model, PromptFiles& files,
                                  const ImageRequest& request, const prompt::PassSteps& steps,
                                  const PictureSize& size, const SamplerDefinition& sampler,
                                  RequestStart start) {
  DARKROOM_ASSIGN_OR_RETURN(Guidance guidance,
                            EncodeRequest(model, files, request, steps, size, sampler));
  const int scale = model.config().vae.scale();
  const BatchKey key{.latent_height = request.height / scale,
                     .latent_width = request.width / scale,
                     .chunks = static_cast<int>(MaxTokens(guidance)) / prompt::kChunkLength,
                     .tiling = request.tiling};
  SamplingPass pass{.key = key,
                    .guidance = std::move(guidance),
                    .picture = start.picture,
                    .soft = SoftOf(request),
                    .sampler = sampler.function,
                    .steps = static_cast<int>(start.sigmas.size()) - 1};
  return PassPlan{.sampler = &sampler, .start = std::move(start), .pass = std::move(pass)};
}

// With the noise of an image's seeds, drawn anew in every pass.
std::unique_ptr<SamplerContext> MakeContext(const DiffusionModel& model,
                                            const NoiseSchedule& schedule,
                                            const ImageRequest& request, const PassPlan& plan,
                                            int image, std::optional<InitLatent> init) {
  const int scale = model.config().vae.scale();
  const SeedOptions seeds{.source = request.noise_source,
                          .seed = request.seed,
                          .variation = request.variation,
                          .resize_from_height = request.seed_resize_from.height / scale,
                          .resize_from_width = request.seed_resize_from.width / scale,
                          .eta_seed_delta = request.eta_seed_delta};
  const BatchKey& key = plan.pass.key;
  const LatentShape shape{.height = key.latent_height, .width = key.latent_width};
  return std::make_unique<SamplerContext>(
      schedule, SamplerInput{.sigmas = plan.start.sigmas,
                             .generator = MakeImageNoise(seeds, image, shape),
                             .noise_source = request.noise_source,
                             .seed = SeedsOfImage(request.seed, request.variation, image).seed,
                             .options = ToSamplerOptions(request.sampler_settings, *plan.sampler),
                             .height = key.latent_height,
                             .width = key.latent_width,
                             .device = model.device(),
                             .init = std::move(init)});
}

absl::StatusOr<const SamplerDefinition*> SamplerOf(const ImageRequest& request) {
  const SamplerDefinition* sampler = FindSampler(request.sampler);
  if (sampler == nullptr) return absl::InternalError("a sampler's name without the sampler");
  return sampler;
}

// Encodes the second pass's texts and reads its upscaler now, so that what is wrong with them is
// said before the first.
absl::Status AddHires(DiffusionModel& model, PromptFiles& files, const NoiseSchedule& schedule,
                      const ImageRequest& request, TorchGeneration& generation) {
  const HiresFix& hires = *request.hires;
  ImageRequest second = SecondPass(request);
  DARKROOM_ASSIGN_OR_RETURN(const SamplerDefinition* sampler, SamplerOf(second));
  DARKROOM_ASSIGN_OR_RETURN(RequestStart start,
                            HiresStartOf(model, schedule, second, hires.strength, *sampler));
  DARKROOM_ASSIGN_OR_RETURN(std::shared_ptr<const UpscalerNetwork> network,
                            FindHiresNetwork(files.upscalers, request));
  DARKROOM_ASSIGN_OR_RETURN(PassPlan plan, PlanPass(model, files, second, SecondPassOf(request),
                                                    hires.scaled, *sampler, std::move(start)));
  PassChange change{
      .pass = plan.pass,
      .scale =
          [&model, hires, network = std::move(network)](const at::Tensor& latent) {
            return ScaleForHires(model, hires, network, latent);
          },
      .encode = [&model,
                 hires](const RgbImage& picture) { return EncodeForHires(model, hires, picture); },
      .begin =
          [&model, &schedule, second = std::move(second), plan = std::move(plan)](
              int image, at::Tensor latent) {
            InitLatent init = *plan.start.init;
            init.latent = std::move(latent);
            return MakeContext(model, schedule, second, plan, image, std::move(init));
          }};
  generation.AddSecondPass(std::move(change));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<TorchGeneration>> PrepareGeneration(DiffusionModel& model,
                                                                   PromptFiles& files,
                                                                   const NoiseSchedule& schedule,
                                                                   const ImageRequest& request) {
  DARKROOM_ASSIGN_OR_RETURN(const SamplerDefinition* sampler, SamplerOf(request));
  DARKROOM_ASSIGN_OR_RETURN(RequestStart start, StartOf(model, schedule, request, *sampler));
  const PictureSize size{.width = request.width, .height = request.height};
  DARKROOM_ASSIGN_OR_RETURN(PassPlan plan, PlanPass(model, files, request, PassOf(request), size,
                                                    *sampler, std::move(start)));
  std::vector<std::unique_ptr<SamplerContext>> contexts;
  for (int i = 0; i < request.image_count; ++i) {
    contexts.push_back(
        MakeContext(model, schedule, request, plan, i, MaskedStart(plan.start, request, i)));
  }
  auto generation = std::make_unique<TorchGeneration>(std::move(plan.pass), std::move(contexts));
  if (request.hires.has_value()) {
    DARKROOM_RETURN_IF_ERROR(AddHires(model, files, schedule, request, *generation));
  }
  return generation;
}

}  // namespace darkroom::diffusion
