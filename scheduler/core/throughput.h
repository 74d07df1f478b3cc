#ifndef DARKROOM_SCHEDULER_CORE_THROUGHPUT_H_
#define DARKROOM_SCHEDULER_CORE_THROUGHPUT_H_

#include "absl/time/time.h"

namespace darkroom::scheduler {

// How fast a pool works off what was predicted: the cost of the jobs that succeeded, over the time
// in which others waited. That is less than the number of workers by what loading models takes,
// more by what batches save, and off by as much as the predictions are, so that waits foretold by
// it are not. What is older than kMemory counts half and less. The same is written in
// redis/lua/fair.lua (count_throughput).
struct Throughput {
  static constexpr absl::Duration kMemory = absl::Minutes(10);
  static constexpr absl::Duration kPrior = absl::Minutes(1);

  absl::Duration done;  // predicted device time, whole microseconds
  absl::Duration time;  // in which jobs waited, whole microseconds

  // Since the last call `passed` went by, with jobs waiting, and then a job has succeeded that cost
  // this much; zero: nothing has.
  void Pass(absl::Duration passed, absl::Duration cost = absl::ZeroDuration());

  // Until all that is ahead has been worked off. As long as less than kPrior was seen, it mostly
  // goes by `workers` (at least 1), each of which does a second of cost a second.
  absl::Duration WaitFor(absl::Duration cost_ahead, int workers) const;

  friend bool operator==(const Throughput&, const Throughput&) = default;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_THROUGHPUT_H_
