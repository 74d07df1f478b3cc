#include "worker/engine/folder_watcher.h"

#include <algorithm>

namespace darkroom::worker {

void FolderWatcher::Run() {
  while (!mailbox_.closed()) mailbox_.Wait(Pump());
}

absl::Duration FolderWatcher::Pump() {
  if (due_ <= clock_.Now()) {
    const Sight sight = look_();
    // Measured from its end: a disk that takes long is not looked at all the time.
    due_ = clock_.Now() + (sight == Sight::kUnsettled ? kUnsettledInterval : kInterval);
  }
  return std::max(absl::ZeroDuration(), due_ - clock_.Now());
}

}  // namespace darkroom::worker
