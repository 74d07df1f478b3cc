#ifndef DARKROOM_SCHEDULER_CORE_ORDER_POLICY_H_
#define DARKROOM_SCHEDULER_CORE_ORDER_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace darkroom::scheduler {

// The first job of one model's queue.
struct QueueHead {
  std::int64_t order = 0;  // counts the submissions of the pool; kept by a job that is requeued
  absl::string_view model;
  absl::Duration cost;
};

// Which of the heads is leased next: the index of the lowest order, so that a pool serves first
// come first served over all the models that were asked for. Nothing when there is no head.
//
// This rule is also written in redis/lua/prelude.lua (next_head); tests/contract checks that both
// agree.
std::optional<std::size_t> NextToLease(absl::Span<const QueueHead> heads);

// The predicted device time of `position` of the `queued` jobs, which cost `queued_cost` together:
// their mean times the position, so that it can be had without visiting them.
absl::Duration EstimateCostAhead(std::int64_t position, std::int64_t queued,
                                 absl::Duration queued_cost);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_ORDER_POLICY_H_
