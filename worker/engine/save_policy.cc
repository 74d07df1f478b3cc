#include "worker/engine/save_policy.h"

#include <algorithm>

namespace darkroom::worker {
namespace {

constexpr absl::Duration kLeastOnLeaving = absl::Seconds(1);

}  // namespace

bool WorthSaving(const SaveChance& chance, absl::Duration interval) {
  if (interval == absl::InfiniteDuration()) return false;
  if (chance.leaving) return chance.unsaved >= std::min(interval, kLeastOnLeaving);
  return chance.unsaved >= interval && chance.left >= interval / 2;
}

}  // namespace darkroom::worker
