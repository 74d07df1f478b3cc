#include "worker/engine/work_observer.h"

#include <algorithm>

namespace darkroom::worker {

void WorkObserver::Forward::Add(const JobLabels& job, const Share& image) {
  ++images;
  rows += image.rows;
  steps[job.tier] += image.steps;
  const auto known = std::find_if(shares.begin(), shares.end(),
                                  [&job](const Share& share) { return share.job == &job; });
  Share& share = known == shares.end() ? shares.emplace_back() : *known;
  share.job = &job;
  share.number = image.number;
  ++share.images;
  share.rows += image.rows;
  share.steps += image.steps;
}

}  // namespace darkroom::worker
