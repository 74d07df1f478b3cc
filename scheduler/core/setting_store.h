#ifndef DARKROOM_SCHEDULER_CORE_SETTING_STORE_H_
#define DARKROOM_SCHEDULER_CORE_SETTING_STORE_H_

#include <cstddef>
#include <string>

#include "absl/time/time.h"
#include "common/await.h"

namespace darkroom::scheduler {

// What callers have set who expect a server that remembers it, for all gateways of a pool.
//
// Callbacks and thread-safety as for JobQueue; UNAVAILABLE likewise.
class SettingStore {
 public:
  static constexpr std::size_t kMaxBytes = 64 << 10;
  // Settings are forgotten so long after they were written, by the store's clock.
  static constexpr absl::Duration kMemory = absl::Hours(24 * 30);

  virtual ~SettingStore() = default;

  // Of an owner, any text: what was written last, opaque bytes; empty when there is nothing.
  virtual void ReadSettings(std::string owner, Callback<std::string> done) = 0;
  // INVALID_ARGUMENT for more than kMaxBytes, RESOURCE_EXHAUSTED when the store is short of memory.
  virtual void WriteSettings(std::string owner, std::string settings, Done done) = 0;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_SETTING_STORE_H_
