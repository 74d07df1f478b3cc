#include "worker/diffusion/request_guidance.h"

#include <utility>

#include "common/status_macros.h"
#include "prompt/plan.h"
#include "tokenizer/prompt_tokenizer.h"
#include "worker/diffusion/prompt_encoder.h"
#include "worker/diffusion/sdxl_conditioning.h"
#include "worker/diffusion/weights/unet_inputs.h"

namespace darkroom::diffusion {
namespace {

double PictureScale(const ModelConfig& config, const ImageRequest& request) {
  const bool instructed = InputsOf(config.unet, config.vae) == UNetInputs::kInstruction;
  return instructed ? request.init->guidance_scale.value_or(1) : 1;
}

}  // namespace

absl::StatusOr<Guidance> EncodeRequest(DiffusionModel& model, PromptFiles& files,
                                       const ImageRequest& request, const prompt::PassSteps& steps,
                                       const PictureSize& size, const SamplerDefinition& sampler) {
  const prompt::PromptPlan plan = prompt::PlanPrompt(request.prompt, steps);
  DARKROOM_ASSIGN_OR_RETURN(PromptAdapters adapters, files.loras.Read(plan.networks));
  RequestEmbeddings embeddings(&files.embeddings);
  PromptEncoder encoder(model.text().models(),
                        tokenizer::MakePromptTokenizer(model.text().tokenizer()),
                        {.emphasis = request.emphasis,
                         .clip_skip = request.clip_skip,
                         .adapters = std::move(adapters.text),
                         .embeddings = &embeddings});
  const auto encode = [&](const prompt::Schedule& schedule,
                          PromptSide side) -> absl::StatusOr<ConditioningSchedule> {
    DARKROOM_ASSIGN_OR_RETURN(const ConditioningSchedule texts, encoder.Encode(schedule));
    return CompleteConditioning(model.config(), size, side, schedule, texts);
  };
  Guidance guidance{
      .conds = {},
      .scale = request.guidance_scale * sampler.guidance_factor,
      .rescale = request.guidance_settings.rescale,
      .min_uncond_sigma = request.guidance_settings.min_negative_sigma,
      .skip_uncond_at_every_call = request.guidance_settings.skip_negative_at_every_call,
      .picture_scale = PictureScale(model.config(), request),
      .compares_timesteps = sampler.facts().over_timesteps,
      .adapters = std::move(adapters.unet)};
  double weights = 0;
  for (const prompt::PlannedPart& part : plan.parts) {
    DARKROOM_ASSIGN_OR_RETURN(ConditioningSchedule conditioning,
                              encode(part.schedule, PromptSide::kPositive));
    guidance.conds.push_back({.conditioning = std::move(conditioning), .weight = part.weight});
    weights += part.weight;
  }
  const bool uncond_cancels = guidance.scale == 1 && weights == 1 && guidance.picture_scale == 1;
  if (guidance.picture_scale != 1 && guidance.conds.size() > 1) {
    return absl::InvalidArgumentError(
        "prompt has parts joined by AND, which a model that is instructed takes at an "
        "init_image.guidance_scale of 1 alone; write one part");
  }
  if (uncond_cancels && !sampler.uses_uncond) return guidance;
  const prompt::PromptPlan negative = prompt::PlanNegativePrompt(request.negative_prompt, steps);
  DARKROOM_ASSIGN_OR_RETURN(guidance.uncond,
                            encode(negative.parts[0].schedule, PromptSide::kNegative));
  return guidance;
}

}  // namespace darkroom::diffusion
