#include "worker/diffusion/guidance/latent_mask.h"

#include "ATen/TensorOperators.h"
#include "worker/diffusion/guidance/soft_inpainting.h"

namespace darkroom::diffusion {

at::Tensor KeepOriginal(const LatentMask& mask, const at::Tensor& latent, double level,
                        double scale) {
  if (mask.soft.has_value()) {
    const at::Tensor share = MadeShare(*mask.soft, mask.renewed, level);
    return BlendLatents(*mask.soft, mask.original, latent / scale, share) * scale;
  }
  return latent * mask.renewed + mask.original * scale * (1 - mask.renewed);
}

at::Tensor RestoreOriginal(const LatentMask& mask, const at::Tensor& latent) {
  if (mask.soft.has_value()) return latent;
  return latent * mask.renewed + mask.original * (1 - mask.renewed);
}

}  // namespace darkroom::diffusion
