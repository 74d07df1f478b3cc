#ifndef DARKROOM_WORKER_DIFFUSION_GUIDANCE_CONTEXT_SCHEDULE_H_
#define DARKROOM_WORKER_DIFFUSION_GUIDANCE_CONTEXT_SCHEDULE_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "ATen/core/Tensor.h"

namespace darkroom::diffusion {

// The conditioning of one text, which may change on the way: `[a:b:5]` and `[a|b]` have variants,
// each encoded before sampling begins. Contexts are [1, 77 * chunks, C]. Copies share tensors.
class ContextSchedule {
 public:
  struct Variant {
    // The last denoiser call that it is for. Calls are counted from 0, so that a variant which ends
    // at n lasts n + 1 calls when it is the first: AUTOMATIC1111 compares the same two numbers.
    int last_call = 0;
    at::Tensor context;
  };

  // Of no text.
  ContextSchedule() = default;
  // The same at every call.
  explicit ContextSchedule(at::Tensor context) {
    variants_.push_back({.last_call = 0, .context = std::move(context)});
  }
  // At least one variant, in the order of their ends.
  explicit ContextSchedule(std::vector<Variant> variants) : variants_(std::move(variants)) {}

  bool empty() const { return variants_.empty(); }

  // The context of the n-th denoiser call of a trajectory: the first variant that has not ended.
  // Once all have, which an adaptive sampler can reach, the first of all again, as there
  // (reconstruct_cond_batch). Not when empty.
  const at::Tensor& At(int call) const;

  // Tokens of the longest variant; 0 when empty.
  std::int64_t max_tokens() const;

 private:
  std::vector<Variant> variants_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_GUIDANCE_CONTEXT_SCHEDULE_H_
