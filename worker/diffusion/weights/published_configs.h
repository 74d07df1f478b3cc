#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_PUBLISHED_CONFIGS_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_PUBLISHED_CONFIGS_H_

#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// The configurations that the families were published in: for files that carry none, and for
// measurements without weights.

ModelConfig Sd15Config();         // 512 x 512; 860 million parameters in the UNet
ModelConfig Sd21Config();         // 768 x 768, v-prediction; 866 million
ModelConfig SdxlConfig();         // 1024 x 1024; 2,567 million
ModelConfig SdxlRefinerConfig();  // 1024 x 1024; 2,260 million

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_PUBLISHED_CONFIGS_H_
