#ifndef DARKROOM_SCHEDULER_CORE_STORE_METER_H_
#define DARKROOM_SCHEDULER_CORE_STORE_METER_H_

#include <cstdint>

#include "common/await.h"

namespace darkroom::scheduler {

// What the store takes of its machine, of all pools together.
struct StoreUsage {
  std::int64_t memory_bytes = 0;
  std::int64_t memory_limit_bytes = 0;  // 0: none
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
