#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_STATE_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_STATE_H_

#include <cstdint>
#include <vector>

#include "ATen/core/Tensor.h"

namespace darkroom::diffusion {

// Where a trajectory can be gone on from: what its sampler carries between two rounds of its loop
// (SamplerContext::Carry).
struct SamplerState {
  int rounds = 0;  // that are done; 0: the first is not, and nothing else is set
  int steps_done = 0;
  std::int64_t draws = 0;                // of the steps' noise, used or passed over
  std::vector<at::Tensor> tensors = {};  // [1, 4, height, width] float32, or undefined
  std::vector<double> numbers = {};
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_STATE_H_
