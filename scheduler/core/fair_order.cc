#include "scheduler/core/fair_order.h"

#include <algorithm>
#include <tuple>

namespace darkroom::scheduler {
namespace {

struct TierChoice {
  std::size_t least = 0;  // indices of heads
  std::size_t pick = 0;
};

bool GoesBefore(const QueueHead& a, const QueueHead& b) {
  return std::tie(a.start, a.order) < std::tie(b.start, b.order);
}

TierChoice ChooseInTier(const std::vector<QueueHead>& heads, VirtualTime slack) {
  TierChoice choice;
  std::optional<std::size_t> preferred;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (GoesBefore(heads[i], heads[choice.least])) choice.least = i;
    if (heads[i].preferred && (!preferred || GoesBefore(heads[i], heads[*preferred]))) {
      preferred = i;
    }
  }
  choice.pick = choice.least;
  if (preferred && heads[*preferred].start <= heads[choice.least].start + slack) {
    choice.pick = *preferred;
  }
  return choice;
}

}  // namespace

std::optional<HeadChoice> ChooseHead(absl::Span<const TierHeads> tiers, VirtualTime slack) {
  if (tiers.empty()) return std::nullopt;
  std::vector<TierChoice> choices;
  choices.reserve(tiers.size());
  for (const TierHeads& tier : tiers) choices.push_back(ChooseInTier(tier.heads, slack));
  const auto comes_before = [&](std::size_t a, std::size_t b) {
    const std::int64_t order_a = tiers[a].heads[choices[a].least].order;
    const std::int64_t order_b = tiers[b].heads[choices[b].least].order;
    return std::tie(tiers[a].clock, order_a) < std::tie(tiers[b].clock, order_b);
  };
  const auto is_preferred = [&](std::size_t i) {
    return tiers[i].heads[choices[i].pick].preferred;
  };

  std::size_t least = 0;
  for (std::size_t i = 1; i < tiers.size(); ++i) {
    if (comes_before(i, least)) least = i;
  }
  std::size_t chosen = least;
  for (std::size_t i = 0; i < tiers.size() && !is_preferred(least); ++i) {
    if (!is_preferred(i) || tiers[i].clock > tiers[least].clock + slack / tiers[i].weight) continue;
    if (chosen == least || comes_before(i, chosen)) chosen = i;
  }
  return HeadChoice{.tier = chosen,
                    .head = choices[chosen].pick,
                    .least_clock = tiers[least].clock,
                    .least_start = tiers[chosen].heads[choices[chosen].least].start};
}

}  // namespace darkroom::scheduler
