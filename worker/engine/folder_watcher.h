#ifndef DARKROOM_WORKER_ENGINE_FOLDER_WATCHER_H_
#define DARKROOM_WORKER_ENGINE_FOLDER_WATCHER_H_

#include <functional>
#include <utility>
#include <variant>

#include "absl/time/time.h"
#include "common/clock.h"
#include "worker/engine/mailbox.h"

namespace darkroom::worker {

// Looks every 5 s whether the files in some folders have changed, so that a worker need not be
// restarted for a new one. A thread of its own: the folders may lie on a slow disk.
//
// One thread owns it and calls Run (or, in a test, Pump); Stop may be called from any.
class FolderWatcher {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(5);
  // While a file is being written.
  static constexpr absl::Duration kUnsettledInterval = absl::Seconds(1);

  // What is seen. `kUnsettled`: a file that somebody may be writing.
  enum class Sight { kSettled, kUnsettled };
  using Look = std::function<Sight()>;

  // `look` is called on the owner's thread. The clock outlives it.
  FolderWatcher(Look look, const Clock& clock) : look_(std::move(look)), clock_(clock) {}

  void Stop() { mailbox_.Close(); }

  // Looks when it is due, and returns how long it will not be.
  absl::Duration Pump();
  // Pumps until Stop.
  void Run();

 private:
  const Look look_;
  const Clock& clock_;
  Mailbox<std::monostate> mailbox_;  // only ever closed
  absl::Time due_ = absl::InfinitePast();
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_FOLDER_WATCHER_H_
