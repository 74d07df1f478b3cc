#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_SD15_CONFIG_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_SD15_CONFIG_H_

#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// The published configuration of Stable Diffusion 1.5 (860 million parameters in the UNet), for
// measurements without its weights.
ModelConfig Sd15Config();

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_SD15_CONFIG_H_
