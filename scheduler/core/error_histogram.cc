#include "scheduler/core/error_histogram.h"

#include <algorithm>
#include <numeric>

namespace darkroom::scheduler {

std::size_t ErrorHistogram::BucketOf(absl::Duration promised, absl::Duration real) {
  const double error = absl::FDivDuration(absl::AbsDuration(promised - real), real);
  return static_cast<std::size_t>(std::lower_bound(kEnds.begin(), kEnds.end(), error) -
                                  kEnds.begin());
}

std::int64_t ErrorHistogram::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0});
}

double ErrorHistogram::Quantile(double share) const {
  const double wanted = share * static_cast<double>(total());
  double before = 0;
  double begin = 0;
  for (std::size_t i = 0; i < kEnds.size(); ++i) {
    const auto count = static_cast<double>(counts_[i]);
    if (count > 0 && before + count >= wanted) {
      return begin + (kEnds[i] - begin) * std::max(wanted - before, 0.0) / count;
    }
    before += count;
    begin = kEnds[i];
  }
  return counts_.back() > 0 ? kEnds.back() : 0;
}

}  // namespace darkroom::scheduler
