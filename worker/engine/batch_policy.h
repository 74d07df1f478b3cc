#ifndef DARKROOM_WORKER_ENGINE_BATCH_POLICY_H_
#define DARKROOM_WORKER_ENGINE_BATCH_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace darkroom::worker {

// An image whose next denoiser call waits to be run.
struct WaitingRow {
  int job = 0;                   // number of its job: smaller came earlier
  int image = 0;                 // in the job
  int key = 0;                   // index of its batch key in `max_rows`
  int calls_done = 0;            // denoiser calls
  std::int64_t last_served = 0;  // the tick of its last call, or the one it arrived in
};

// Which rows go into the forward of tick `now`: indices into `rows`, which all have one key and are
// at most max_rows[key] (each at least 1). Empty only when `rows` is.
//
// Between keys: the one whose longest waiting row has waited most, where a full batch counts up to
// twice as much as a nearly empty one. So full batches are preferred, and yet of n keys none waits
// longer than about 2n ticks.
//
// Within a key: the job that has waited longest comes first, so no row starves; a job's rows go
// together where they fit, and what room is left is filled with parts of jobs that do not.
std::vector<std::size_t> ChooseRows(absl::Span<const WaitingRow> rows,
                                    absl::Span<const int> max_rows, std::int64_t now);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_BATCH_POLICY_H_
