#include "worker/engine/adapter_watcher.h"

#include <algorithm>

namespace darkroom::worker {

void AdapterWatcher::Run() {
  while (!mailbox_.closed()) mailbox_.Wait(Pump());
}

absl::Duration AdapterWatcher::Pump() {
  if (due_ <= clock_.Now()) {
    if (catalogue_.Rescan()) changed_(catalogue_.adapters());
    // Measured from its end: a disk that takes long is not looked at all the time.
    due_ = clock_.Now() + kInterval;
  }
  return std::max(absl::ZeroDuration(), due_ - clock_.Now());
}

}  // namespace darkroom::worker
