#ifndef DARKROOM_SCHEDULER_CORE_PROMISE_METER_H_
#define DARKROOM_SCHEDULER_CORE_PROMISE_METER_H_

#include <map>
#include <string>

#include "absl/time/time.h"
#include "common/await.h"
#include "scheduler/core/error_histogram.h"

namespace darkroom::scheduler {

// How far the promises about the waits of one tier's jobs were off.
struct TierErrors {
  ErrorHistogram first = {};   // the first promise that was given about each job
  ErrorHistogram newest = {};  // the newest one before it was leased, of the same jobs

  friend bool operator==(const TierErrors&, const TierErrors&) = default;
};

// By tier.
using PromiseErrors = std::map<std::string, TierErrors>;

// Where the gateways of a pool count together how far the waits that they promise were off.
//
// Callbacks and thread-safety as for JobQueue; UNAVAILABLE likewise.
class PromiseMeter {
 public:
  // What was counted is kept by the hour, of the store's clock, and read of the present one and the
  // one before.
  static constexpr absl::Duration kWindow = absl::Hours(1);

  virtual ~PromiseMeter() = default;

  // Adds to what was counted of the tier, a catalogue id. RESOURCE_EXHAUSTED, and nothing is
  // counted, when the store is short of memory.
  virtual void CountPromises(std::string tier, TierErrors errors, Done done) = 0;
  virtual void ReadPromises(Callback<PromiseErrors> done) = 0;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_PROMISE_METER_H_
