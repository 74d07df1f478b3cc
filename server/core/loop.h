#ifndef DARKROOM_SERVER_CORE_LOOP_H_
#define DARKROOM_SERVER_CORE_LOOP_H_

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/clock.h"

namespace darkroom::server {

// The one thread on which the gateway's core runs. Everything of server/core and server/admission
// is called there and nowhere else unless its header says otherwise, so none of it needs a lock;
// gRPC reactions and the store's callbacks only post to it.
//
// Tasks run in the order in which they were posted and must not block. Tasks that have not run when
// the loop ends are destroyed. Thread-safe.
class Loop {
 public:
  using Task = absl::AnyInvocable<void()>;

  virtual ~Loop() = default;

  virtual void Post(Task task) = 0;
  // Runs the task once `delay` has passed. It cannot be called back: tasks hold weak pointers to
  // what may be gone by then.
  virtual void PostAfter(absl::Duration delay, Task task) = 0;
  virtual const Clock& clock() const = 0;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_LOOP_H_
