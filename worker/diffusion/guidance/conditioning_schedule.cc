#include "worker/diffusion/guidance/conditioning_schedule.h"

#include <algorithm>

namespace darkroom::diffusion {

const Conditioning& ConditioningSchedule::At(int call) const {
  const auto found = std::find_if(variants_.begin(), variants_.end(),
                                  [call](const Variant& v) { return call <= v.last_call; });
  return (found == variants_.end() ? variants_.front() : *found).conditioning;
}

ConditioningSchedule ConditioningSchedule::Map(
    absl::FunctionRef<Conditioning(const Conditioning&)> change) const {
  ConditioningSchedule changed = *this;
  for (Variant& variant : changed.variants_) variant.conditioning = change(variant.conditioning);
  return changed;
}

std::int64_t ConditioningSchedule::max_tokens() const {
  std::int64_t tokens = 0;
  for (const Variant& variant : variants_)
    tokens = std::max(tokens, variant.conditioning.context.size(1));
  return tokens;
}

}  // namespace darkroom::diffusion
