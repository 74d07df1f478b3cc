#include "scheduler/testing/daily_usage.h"

namespace darkroom::scheduler {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

}  // namespace

std::int64_t DailyUsage::DayOf(absl::Time now) { return (now - absl::UnixEpoch()) / kDay; }

std::optional<absl::Duration> DailyUsage::Refuse(const std::string& tenant, absl::Duration cost,
                                                 absl::Duration limit, absl::Time now) const {
  const std::int64_t day = DayOf(now);
  const auto found = used_.find({day, tenant});
  const absl::Duration used = found == used_.end() ? absl::ZeroDuration() : found->second;
  if (used + cost <= limit) return std::nullopt;
  return absl::UnixEpoch() + (day + 1) * kDay - now;
}

void DailyUsage::Add(const std::string& tenant, absl::Duration cost, absl::Time now) {
  used_[{DayOf(now), tenant}] += cost;
}

void DailyUsage::Correct(std::int64_t day, const std::string& tenant, absl::Duration change) {
  const auto used = used_.find({day, tenant});
  if (used != used_.end()) used->second += change;
}

void DailyUsage::Forget(absl::Time now) {
  std::erase_if(used_,
                [today = DayOf(now)](const auto& entry) { return entry.first.first + 2 <= today; });
}

}  // namespace darkroom::scheduler
