#include "worker/diffusion/guidance/latent_mask.h"

#include "ATen/TensorOperators.h"

namespace darkroom::diffusion {

at::Tensor KeepOriginal(const LatentMask& mask, const at::Tensor& latent, double scale) {
  return latent * mask.renewed + mask.original * scale * (1 - mask.renewed);
}

}  // namespace darkroom::diffusion
