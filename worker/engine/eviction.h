#ifndef DARKROOM_WORKER_ENGINE_EVICTION_H_
#define DARKROOM_WORKER_ENGINE_EVICTION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace darkroom::worker {

// A model in memory, as the policy sees it.
struct ResidentModel {
  std::int64_t bytes = 0;
  std::int64_t last_used = 0;  // on any clock that does not go back
  bool evictable = true;       // not pinned, and no generation of it lives
};

// Which models to unload, as indices of `residents`, so that the others take
// `limit` bytes at most: the least recently used first, and none that is not necessary. Nothing
// when even without all that may go they would take more. Pure.
std::optional<std::vector<std::size_t>> ChooseEvictions(absl::Span<const ResidentModel> residents,
                                                        std::int64_t limit);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_EVICTION_H_
