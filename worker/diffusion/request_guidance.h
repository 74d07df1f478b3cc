#ifndef DARKROOM_WORKER_DIFFUSION_REQUEST_GUIDANCE_H_
#define DARKROOM_WORKER_DIFFUSION_REQUEST_GUIDANCE_H_

#include "absl/status/statusor.h"
#include "prompt/schedule.h"
#include "worker/diffusion/embedding_files.h"
#include "worker/diffusion/file_cache.h"
#include "worker/diffusion/guidance/guided_denoiser.h"
#include "worker/diffusion/image_request.h"
#include "worker/diffusion/lora_files.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/sampling/sampler_registry.h"
#include "worker/diffusion/upscale/upscaler_network.h"

namespace darkroom::diffusion {

// What requests may call by name, of one model.
struct PromptFiles {
  LoraFiles loras;
  EmbeddingFiles embeddings;
  FileCache<UpscalerNetwork> upscalers;
};

// What a request's prompts tell every denoiser call of a pass: each part of the prompt and, where
// it has an influence, the negative prompt, encoded alone, so that no neighbour can change it.
// LoRAs are taken out of the prompt and change how all texts are encoded, and every row. `request`
// is one that CheckRequest lets pass, or the SecondPass of one; `steps` is what its prompts count,
// `size` what SDXL is told of the picture's. INVALID_ARGUMENT names the prompt and the file that it
// calls in vain. Under inference mode; torch's exceptions pass through.
absl::StatusOr<Guidance> EncodeRequest(DiffusionModel& model, PromptFiles& files,
                                       const ImageRequest& request, const prompt::PassSteps& steps,
                                       const PictureSize& size, const SamplerDefinition& sampler);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_REQUEST_GUIDANCE_H_
