#ifndef DARKROOM_WORKER_DIFFUSION_GUIDANCE_PARAMETERIZATION_H_
#define DARKROOM_WORKER_DIFFUSION_GUIDANCE_PARAMETERIZATION_H_

#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// How a network relates to the denoiser that samplers call (Karras et al. 2022, equation 7):
//   denoised = c_skip * x + c_out * network(c_in * x)
// with x = image + sigma * noise.
struct Parameterization {
  double c_skip = 1;
  double c_out = 0;
  double c_in = 1;
};

// What the network was trained to predict decides. k-diffusion: DiscreteEpsDDPMDenoiser and
// DiscreteVDDPMDenoiser.
Parameterization Parameterize(PredictionType prediction, double sigma);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_GUIDANCE_PARAMETERIZATION_H_
