#ifndef DARKROOM_SERVER_CORE_WITHIN_H_
#define DARKROOM_SERVER_CORE_WITHIN_H_

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/await.h"
#include "server/core/loop.h"

namespace darkroom::server {

// How long the gateway waits for one operation of the store. Every RPC answers within 2 s when the
// store is gone.
inline constexpr absl::Duration kStoreTimeout = absl::Milliseconds(1800);

namespace internal {

template <typename Outcome, typename Consumer>
absl::AnyInvocable<void(Outcome)> WithinImpl(Loop& loop, absl::Duration limit, Consumer done) {
  struct Pending {
    explicit Pending(Consumer done) : done(std::move(done)) {}
    Consumer done;
    bool answered = false;  // touched on the loop only
  };
  auto pending = std::make_shared<Pending>(std::move(done));
  const auto answer = [](Pending& pending, Outcome outcome) {
    if (std::exchange(pending.answered, true)) return;
    std::exchange(pending.done, nullptr)(std::move(outcome));
  };
  loop.PostAfter(limit, [pending, answer] {
    answer(*pending, Outcome(absl::UnavailableError("the store does not answer")));
  });
  return [&loop, pending = std::move(pending), answer](Outcome outcome) mutable {
    loop.Post([pending = std::move(pending), answer, outcome = std::move(outcome)]() mutable {
      answer(*pending, std::move(outcome));
    });
  };
}

}  // namespace internal

// Wraps a callback for an operation of the store: `done` runs exactly once, on the loop, with the
// outcome, or with UNAVAILABLE when none has come within `limit`.
template <typename T>
Callback<T> Within(Loop& loop, absl::Duration limit, Callback<T> done) {
  return internal::WithinImpl<absl::StatusOr<T>>(loop, limit, std::move(done));
}

inline Done WithinDone(Loop& loop, absl::Duration limit, Done done) {
  return internal::WithinImpl<absl::Status>(loop, limit, std::move(done));
}

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_WITHIN_H_
