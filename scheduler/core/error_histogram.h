#ifndef DARKROOM_SCHEDULER_CORE_ERROR_HISTOGRAM_H_
#define DARKROOM_SCHEDULER_CORE_ERROR_HISTOGRAM_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace darkroom::scheduler {

// How many promised waits were how far off, |promised − real| ÷ real, in buckets: counts of several
// processes can be added, and exported as what Prometheus calls a histogram. Thread-compatible.
class ErrorHistogram {
 public:
  // Where buckets end, themselves included; the last bucket, behind them, has no end.
  static constexpr std::array<double, 14> kEnds = {0.02, 0.05, 0.1,  0.15, 0.2, 0.25, 0.3,
                                                   0.4,  0.5,  0.75, 1,    1.5, 2,    5};
  static constexpr std::size_t kBuckets = kEnds.size() + 1;

  // The bucket of a promise about a wait that took `real`, above zero.
  static std::size_t BucketOf(absl::Duration promised, absl::Duration real);

  // `bucket` is below kBuckets.
  void Add(std::size_t bucket, std::int64_t count = 1) { counts_[bucket] += count; }

  const std::array<std::int64_t, kBuckets>& counts() const { return counts_; }
  std::int64_t total() const;
  // The error that this share (0 to 1) of the promises does not exceed, taken to lie in its bucket
  // as the share lies among the bucket's promises; kEnds.back() in the last bucket. 0 of none.
  double Quantile(double share) const;

  friend bool operator==(const ErrorHistogram&, const ErrorHistogram&) = default;

 private:
  std::array<std::int64_t, kBuckets> counts_ = {};
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_ERROR_HISTOGRAM_H_
