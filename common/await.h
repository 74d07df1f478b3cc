#ifndef DARKROOM_COMMON_AWAIT_H_
#define DARKROOM_COMMON_AWAIT_H_

#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/mutex.h"

namespace darkroom {

// What every asynchronous port calls exactly once with its outcome. `Done` is for operations whose
// outcome has no value.
template <typename T>
using Callback = absl::AnyInvocable<void(absl::StatusOr<T>)>;
using Done = absl::AnyInvocable<void(absl::Status)>;

namespace internal {

// The meeting place of one waiting thread and one callback; shared by both, so that a callback
// that comes after the waiter has given up finds a home.
template <typename Outcome>
struct Rendezvous {
  Mutex mutex;
  std::optional<Outcome> outcome ABSL_GUARDED_BY(mutex);
};

template <typename Outcome, typename Start>
Outcome AwaitOutcome(absl::Duration timeout, Start&& start) {
  auto meeting = std::make_shared<Rendezvous<Outcome>>();
  std::forward<Start>(start)([meeting](Outcome outcome) {
    MutexLock lock(&meeting->mutex);
    meeting->outcome.emplace(std::move(outcome));
  });
  MutexLock lock(&meeting->mutex);
  const auto arrived = [&meeting]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(meeting->mutex) {
    return meeting->outcome.has_value();
  };
  if (!meeting->mutex.AwaitWithTimeout(arrived, timeout)) {
    return absl::DeadlineExceededError("no answer in time");
  }
  return *std::move(meeting->outcome);
}

}  // namespace internal

// Starts an asynchronous operation and blocks this thread for its outcome, DEADLINE_EXCEEDED after
// `timeout`. Never called on an event-loop thread or inside a gRPC reaction.
//
//   StatusOr<Page> page = Await<Page>(absl::Seconds(2), [&](Callback<Page> done) {
//     bus.Read(id, 0, 64, std::move(done));
//   });
template <typename T>
absl::StatusOr<T> Await(absl::Duration timeout, absl::AnyInvocable<void(Callback<T>)> start) {
  return internal::AwaitOutcome<absl::StatusOr<T>>(timeout, std::move(start));
}

inline absl::Status AwaitDone(absl::Duration timeout, absl::AnyInvocable<void(Done)> start) {
  return internal::AwaitOutcome<absl::Status>(timeout, std::move(start));
}

}  // namespace darkroom

#endif  // DARKROOM_COMMON_AWAIT_H_
