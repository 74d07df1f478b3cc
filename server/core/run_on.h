#ifndef DARKROOM_SERVER_CORE_RUN_ON_H_
#define DARKROOM_SERVER_CORE_RUN_ON_H_

#include "absl/functional/any_invocable.h"
#include "common/mutex.h"
#include "server/core/loop.h"

namespace darkroom::server {

// Runs the task on the loop and waits for it; not to be called there.
inline void RunOn(Loop& loop, absl::AnyInvocable<void()> task) {
  Notification ran;
  loop.Post([&task, &ran] {
    task();
    ran.Notify();
  });
  ran.WaitForNotification();
}

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_RUN_ON_H_
