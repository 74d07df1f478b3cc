#ifndef DARKROOM_WORKER_DIFFUSION_BENCH_UNET_FLOPS_H_
#define DARKROOM_WORKER_DIFFUSION_BENCH_UNET_FLOPS_H_

#include "worker/diffusion/backend.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// Floating-point operations of one row of one UNet forward: two for each multiplication of its
// convolutions, linears and attentions. Norms, activations and the time embedding, below a
// hundredth of the whole, are left out.
double UNetFlops(const UNetConfig& config, const BatchKey& key);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_BENCH_UNET_FLOPS_H_
