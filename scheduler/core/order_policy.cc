#include "scheduler/core/order_policy.h"

#include <algorithm>

namespace darkroom::scheduler {

std::optional<std::size_t> NextToLease(absl::Span<const QueueHead> heads) {
  if (heads.empty()) return std::nullopt;
  const auto first =
      std::min_element(heads.begin(), heads.end(),
                       [](const QueueHead& a, const QueueHead& b) { return a.order < b.order; });
  return static_cast<std::size_t>(first - heads.begin());
}

absl::Duration EstimateCostAhead(std::int64_t position, std::int64_t queued,
                                 absl::Duration queued_cost) {
  if (position <= 0 || queued <= 0) return absl::ZeroDuration();
  return queued_cost / queued * position;
}

}  // namespace darkroom::scheduler
