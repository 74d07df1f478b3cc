#include "scheduler/core/throughput.h"

#include <algorithm>

namespace darkroom::scheduler {

void Throughput::Pass(absl::Duration passed, absl::Duration cost) {
  done += cost;
  time += std::clamp(passed, absl::ZeroDuration(), kMemory);
  if (time <= kMemory) return;
  done = absl::Trunc(done / 2, absl::Microseconds(1));
  time = absl::Trunc(time / 2, absl::Microseconds(1));
}

absl::Duration Throughput::WaitFor(absl::Duration cost_ahead, int workers) const {
  const absl::Duration expected = done + kPrior * std::max(workers, 1);
  return cost_ahead * absl::FDivDuration(time + kPrior, expected);
}

}  // namespace darkroom::scheduler
