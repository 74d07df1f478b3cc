#include "worker/engine/eviction.h"

#include <algorithm>

namespace darkroom::worker {

std::optional<std::vector<std::size_t>> ChooseEvictions(absl::Span<const ResidentModel> residents,
                                                        std::int64_t limit) {
  std::int64_t taken = 0;
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < residents.size(); ++i) {
    taken += residents[i].bytes;
    if (residents[i].evictable) candidates.push_back(i);
  }
  std::stable_sort(candidates.begin(), candidates.end(), [&](std::size_t a, std::size_t b) {
    return residents[a].last_used < residents[b].last_used;
  });
  std::vector<std::size_t> evicted;
  for (const std::size_t i : candidates) {
    if (taken <= limit) break;
    taken -= residents[i].bytes;
    evicted.push_back(i);
  }
  if (taken > limit) return std::nullopt;
  // Of old small ones that went before a large one, some may stay after all.
  std::erase_if(evicted, [&](std::size_t i) {
    if (taken + residents[i].bytes > limit) return false;
    taken += residents[i].bytes;
    return true;
  });
  return evicted;
}

}  // namespace darkroom::worker
