#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_TUCKER_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_TUCKER_H_

#include "ATen/core/Tensor.h"

namespace darkroom::diffusion {

// A kernel in Tucker form (Hyeon-Woo et al. 2022, "FedPara", proposition 3; LyCORIS'
// rebuild_tucker): w[o, i, h, w] = sum over p, q of core[p, q, h, w] out[o, p] in[q, i].
// core [p, q, H, W], out [O, p], in [q, I]; [O, I, H, W].
at::Tensor TuckerKernel(const at::Tensor& core, const at::Tensor& out, const at::Tensor& in);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_TUCKER_H_
