#ifndef DARKROOM_CLI_UP_RESTART_POLICY_H_
#define DARKROOM_CLI_UP_RESTART_POLICY_H_

#include <deque>
#include <optional>

#include "absl/time/time.h"

namespace darkroom::cli {

// Decides what follows the death of a process: a restart after a delay that doubles with each death
// in the window, or nothing when it dies again and again.
class RestartPolicy {
 public:
  struct Limits {
    absl::Duration first_delay = absl::Milliseconds(250);
    absl::Duration longest_delay = absl::Seconds(10);
    absl::Duration window = absl::Minutes(1);
    int most_deaths = 5;  // in the window
  };

  explicit RestartPolicy(const Limits& limits) : limits_(limits) {}

  // When to start the process again; nullopt: give it up.
  std::optional<absl::Time> OnDeath(absl::Time now);

 private:
  Limits limits_;
  std::deque<absl::Time> deaths_;
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_UP_RESTART_POLICY_H_
