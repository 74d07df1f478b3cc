#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_CONFIG_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_CONFIG_H_

#include "absl/status/statusor.h"
#include "worker/diffusion/weights/checkpoint_layout.h"
#include "worker/diffusion/weights/model_config.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// The config of a single-file checkpoint: channels, depths and widths from the shapes of its
// tensors, and what no shape shows (heads, norms, noise levels) as the family was published. What a
// file without a VAE would have of it stays as published.
//
// SD 2 was published predicting noise and predicting v, and its files do not say which. Text to
// image models (4 channels) are taken to predict v where the biases of the last block's first norm
// spread by more than 0.09, which is ComfyUI's rule (comfy/supported_models.py, SD20); a marker
// tensor "v_pred" says so in every family.
//
// INVALID_ARGUMENT names the tensor that is missing or whose shape fits no model of the family; the
// message does not name the file.
absl::StatusOr<ModelConfig> CheckpointConfig(const SafetensorsFile::Tensors& tensors,
                                             const CheckpointLayout& layout);

// The shape of a VAE; what no shape shows is the default's.
absl::StatusOr<VaeConfig> CheckpointVaeConfig(const SafetensorsFile::Tensors& tensors,
                                              const CheckpointPart& part);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_CHECKPOINT_CONFIG_H_
