#include "worker/diffusion/guidance/context_schedule.h"

#include <algorithm>

namespace darkroom::diffusion {

const at::Tensor& ContextSchedule::At(int call) const {
  const auto found = std::find_if(variants_.begin(), variants_.end(),
                                  [call](const Variant& v) { return call <= v.last_call; });
  return (found == variants_.end() ? variants_.front() : *found).context;
}

std::int64_t ContextSchedule::max_tokens() const {
  std::int64_t tokens = 0;
  for (const Variant& variant : variants_) tokens = std::max(tokens, variant.context.size(1));
  return tokens;
}

}  // namespace darkroom::diffusion
