#ifndef DARKROOM_WORKER_ENGINE_ADAPTER_WATCHER_H_
#define DARKROOM_WORKER_ENGINE_ADAPTER_WATCHER_H_

#include <functional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "worker/engine/adapter_catalogue.h"
#include "worker/engine/mailbox.h"

namespace darkroom::worker {

// Looks every 5 s whether the adapters have changed, so that a worker need not be restarted for a
// new file. A thread of its own: the folders may lie on a slow disk.
//
// One thread owns it and calls Run (or, in a test, Pump); Stop may be called from any.
class AdapterWatcher {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(5);

  using Changed = std::function<void(const std::vector<FoundAdapter>&)>;

  // `changed` is called on the owner's thread, with all adapters, when they are not what they were;
  // there are none at first. The clock outlives it.
  AdapterWatcher(AdapterRoots roots, Changed changed, const Clock& clock)
      : catalogue_(std::move(roots)), changed_(std::move(changed)), clock_(clock) {}

  void Stop() { mailbox_.Close(); }

  // Looks when it is due, and returns how long it will not be.
  absl::Duration Pump();
  // Pumps until Stop.
  void Run();

 private:
  AdapterCatalogue catalogue_;
  const Changed changed_;
  const Clock& clock_;
  Mailbox<std::monostate> mailbox_;  // only ever closed
  absl::Time due_ = absl::InfinitePast();
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_ADAPTER_WATCHER_H_
