#ifndef DARKROOM_WORKER_DIFFUSION_GUIDANCE_CONDITIONING_SCHEDULE_H_
#define DARKROOM_WORKER_DIFFUSION_GUIDANCE_CONDITIONING_SCHEDULE_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/functional/function_ref.h"

namespace darkroom::diffusion {

// What a network is told of the texts of R rows.
struct Conditioning {
  at::Tensor context;  // [R, 77 * chunks, C]
  // [R, D], what SDXL adds to the time: the pooled text and numbers about the picture. Undefined
  // where the model takes none.
  at::Tensor vector = {};
};

// The conditioning of one text, which may change on the way: `[a:b:5]` and `[a|b]` have variants,
// each encoded before sampling begins. They are of one row. Copies share tensors.
class ConditioningSchedule {
 public:
  struct Variant {
    // The last denoiser call that it is for. Calls are counted from 0, so that a variant which ends
    // at n lasts n + 1 calls when it is the first: AUTOMATIC1111 compares the same two numbers.
    int last_call = 0;
    Conditioning conditioning;
  };

  // Of no text.
  ConditioningSchedule() = default;
  // The same at every call.
  explicit ConditioningSchedule(Conditioning conditioning) {
    variants_.push_back({.last_call = 0, .conditioning = std::move(conditioning)});
  }
  // At least one variant, in the order of their ends.
  explicit ConditioningSchedule(std::vector<Variant> variants) : variants_(std::move(variants)) {}

  bool empty() const { return variants_.empty(); }

  // What is told at the n-th denoiser call of a trajectory: the first variant that has not ended.
  // Once all have, which an adaptive sampler can reach, the first of all again, as there
  // (reconstruct_cond_batch). Not when empty.
  const Conditioning& At(int call) const;

  // The same schedule of what `change` makes of each variant.
  ConditioningSchedule Map(absl::FunctionRef<Conditioning(const Conditioning&)> change) const;

  // Tokens of the longest variant; 0 when empty.
  std::int64_t max_tokens() const;

 private:
  std::vector<Variant> variants_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_GUIDANCE_CONDITIONING_SCHEDULE_H_
