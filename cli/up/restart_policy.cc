#include "cli/up/restart_policy.h"

#include <algorithm>

namespace darkroom::cli {

std::optional<absl::Time> RestartPolicy::OnDeath(absl::Time now) {
  while (!deaths_.empty() && now - deaths_.front() > limits_.window) deaths_.pop_front();
  deaths_.push_back(now);
  if (static_cast<int>(deaths_.size()) >= limits_.most_deaths) return std::nullopt;
  absl::Duration delay = limits_.first_delay;
  for (std::size_t i = 1; i < deaths_.size() && delay < limits_.longest_delay; ++i) delay *= 2;
  return now + std::min(delay, limits_.longest_delay);
}

}  // namespace darkroom::cli
