#ifndef DARKROOM_SCHEDULER_TESTING_DAILY_USAGE_H_
#define DARKROOM_SCHEDULER_TESTING_DAILY_USAGE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"

namespace darkroom::scheduler {

// Device time that tenants have submitted, by day (UTC). Thread-compatible.
class DailyUsage {
 public:
  // Days since 1970.
  static std::int64_t DayOf(absl::Time now);

  // Where the cost would exceed what is left of today, how long the day lasts.
  std::optional<absl::Duration> Refuse(const std::string& tenant, absl::Duration cost,
                                       absl::Duration limit, absl::Time now) const;
  // Counts the cost for today.
  void Add(const std::string& tenant, absl::Duration cost, absl::Time now);
  // Corrects what was counted on a day, as long as it is remembered.
  void Correct(std::int64_t day, const std::string& tenant, absl::Duration change);
  // Drops the days before yesterday.
  void Forget(absl::Time now);

 private:
  std::map<std::pair<std::int64_t, std::string>, absl::Duration> used_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_TESTING_DAILY_USAGE_H_
