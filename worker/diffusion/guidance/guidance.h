#ifndef DARKROOM_WORKER_DIFFUSION_GUIDANCE_GUIDANCE_H_
#define DARKROOM_WORKER_DIFFUSION_GUIDANCE_GUIDANCE_H_

#include <cstdint>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/types/span.h"
#include "worker/diffusion/adapters/row_adapters.h"
#include "worker/diffusion/guidance/conditioning_schedule.h"

namespace darkroom::diffusion {

// One part of a prompt `a AND b :0.8`.
struct WeightedPart {
  ConditioningSchedule conditioning;
  double weight = 1;  // may be negative
};

// How a job's texts steer its pictures. Composable diffusion (Liu et al. 2022) over classifier-free
// guidance (Ho and Salimans 2022), on denoised predictions as k-diffusion and AUTOMATIC1111 have
// it:
//   denoised = uncond + sum over i of weight[i] * scale * (cond[i] - uncond)
// Contexts of one job may have different numbers of tokens. Within one call the parts of a prompt
// are brought to the longest one's length by repeating their last vector, as AUTOMATIC1111 does
// (stack_conds); the unconditional text keeps its own length. There this depends on the other
// pictures of a batch, here on the job alone.
struct Guidance {
  std::vector<WeightedPart> conds;  // at least one
  // Empty where it has no influence, the scale being 1 and the weights' sum too.
  ConditioningSchedule uncond = {};
  double scale = 1;
  // φ of Lin et al., "Common diffusion noise schedules and sample steps are flawed" (2023), 0 to 1:
  // how far the guided prediction of the network gets back the deviation that it would have at
  // scale 1. Against the burnt look of high scales.
  double rescale = 0;
  // AUTOMATIC1111's "negative guidance minimum sigma": below it every other call, those of odd
  // number, runs without the unconditional half, with the first part's prediction in its place and
  // at scale 1. 0: never.
  double min_uncond_sigma = 0;
  bool skip_uncond_at_every_call = false;  // below min_uncond_sigma, not only at odd ones
  // s_I of InstructPix2Pix (Brooks et al., "InstructPix2Pix", 2023), for a UNet that is shown a
  // picture: how closely that one is followed, beside the text. Other than 1 there is one part, and
  // the unconditional text is asked about twice, with the picture and without:
  //   denoised = neither + picture_scale * (picture - neither) + scale * (both - picture)
  // At 1 the last of the three has no influence.
  double picture_scale = 1;
  // Its samplers over timesteps hand the denoiser timesteps for sigmas, so there min_uncond_sigma
  // is compared with those.
  bool compares_timesteps = false;
  // What the UNet uses in all of the job's rows, the unconditional ones too.
  std::vector<RowAdapters::Use> adapters = {};
};

// Whether the unconditional half takes part in the n-th denoiser call of a trajectory, which is at
// this sigma and timestep.
bool UsesUncond(const Guidance& guidance, int call, double sigma, double timestep);

// What the prompt's parts tell at the n-th denoiser call, with contexts of equal length.
std::vector<Conditioning> CondsAt(const Guidance& guidance, int call);

// Tokens of the longest context that any call of the job has.
std::int64_t MaxTokens(const Guidance& guidance);

// The guided prediction from the parts' predictions and, where they took part, the unconditional
// one and, with a picture_scale, that without the picture as the last: [1, 4, h, w] each, denoised,
// float32. `unscaled` is what the network's own output is
// added to, c_skip * x.
at::Tensor Guide(const Guidance& guidance, absl::Span<const at::Tensor> predictions,
                 const at::Tensor& unscaled);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_GUIDANCE_GUIDANCE_H_
