#ifndef DARKROOM_SCHEDULER_CORE_FAIR_ORDER_H_
#define DARKROOM_SCHEDULER_CORE_FAIR_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace darkroom::scheduler {

// Which job is leased next: start-time fair queueing (Goyal, Vin, Cheng 1996, "Start-time Fair
// Queuing"), twice, since tiers share by weight and the tenants of a tier alike.
//
// Each tenant's next job for a model, its head, has a start tag: the virtual time at which it would
// begin if the tenants of the tier ran side by side. It is the tenant's finish tag, which every
// lease moves on by the cost of its job, but never before the floor, the least tag that still
// waited when this model was last served: so who comes anew competes from now, with no credit for
// the time it was away. The least tag goes first, and of equal ones the older job. Tiers have a
// clock instead, which every lease moves on by cost over weight, with a floor of its own.
//
// A worker that has a model loaded may prefer it, within a slack of virtual time: nobody waits for
// more than that slack of others' work beyond what is fair.
//
// Pure. The same rule is written in redis/lua/fair.lua; tests/contract checks that both agree.

// Microseconds of device time; of tiers, divided by the weight. Below 2^53.
using VirtualTime = std::int64_t;

// A tag that was `finish` when its owner was last served.
inline VirtualTime StartTag(VirtualTime finish, VirtualTime floor) {
  return finish > floor ? finish : floor;
}

struct QueueHead {
  VirtualTime start = 0;   // its tag
  std::int64_t order = 0;  // counts the submissions of the pool; kept by a job that is requeued
  bool preferred = false;  // its model is
};

struct TierHeads {
  VirtualTime clock = 0;  // not before its floor
  std::int64_t weight = 1;
  std::vector<QueueHead> heads = {};  // of the models that were asked for; at least one
};

struct HeadChoice {
  std::size_t tier = 0;
  std::size_t head = 0;         // index in its tier
  VirtualTime least_clock = 0;  // of all tiers: the tiers' new floor
  VirtualTime least_start = 0;  // of the chosen tier's heads: the tenants' new floor
  friend bool operator==(const HeadChoice&, const HeadChoice&) = default;
};

// In a tier: the least head, or the least preferred one that is at most `slack` behind it. Of the
// tiers: the one of the least clock, unless only others have a preferred head; then the least of
// those whose clock is at most `slack` of device time, slack / weight, ahead. Of equal ones the one
// whose least head is older. Nothing when there is no tier.
std::optional<HeadChoice> ChooseHead(absl::Span<const TierHeads> tiers, VirtualTime slack);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_FAIR_ORDER_H_
