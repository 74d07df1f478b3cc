#ifndef DARKROOM_SCHEDULER_CORE_STORE_METER_H_
#define DARKROOM_SCHEDULER_CORE_STORE_METER_H_

#include <cstdint>

#include "common/await.h"

namespace darkroom::scheduler {

// How the store is, of all pools together.
struct StoreUsage {
  std::int64_t memory_bytes = 0;
  std::int64_t memory_limit_bytes = 0;  // 0: none
  // Whether it could write to the log of what it acknowledges, and shorten it, when it last did.
  bool log_ok = true;
};

// How the store itself is.
//
// Callbacks and thread-safety as for JobQueue; UNAVAILABLE likewise.
class StoreMeter {
 public:
  virtual ~StoreMeter() = default;

  // Takes the store no work to speak of: how long the answer takes is how long any takes at least.
  virtual void MeasureStore(Callback<StoreUsage> done) = 0;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_STORE_METER_H_
