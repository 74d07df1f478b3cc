#ifndef DARKROOM_SCHEDULER_TESTING_IN_MEMORY_AUDIT_LOG_H_
#define DARKROOM_SCHEDULER_TESTING_IN_MEMORY_AUDIT_LOG_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "common/status_macros.h"
#include "scheduler/core/audit_log.h"
#include "scheduler/core/checks.h"

namespace darkroom::scheduler {

// AuditLog without a store, for tests. Callbacks run inside the call, without a lock. Thread-safe.
class InMemoryAuditLog : public AuditLog {
 public:
  // `clock` must outlive the object.
  explicit InMemoryAuditLog(const Clock* clock) : clock_(clock) {}

  void AppendAudit(AuditEntry entry, Done done) override { done(Append(std::move(entry))); }
  void ReadAudit(std::string before, int limit, Callback<AuditPage> done) override {
    done(Read(before, limit));
  }

 private:
  absl::Status Append(AuditEntry entry) {
    DARKROOM_RETURN_IF_ERROR(CheckAuditEntry(entry));
    MutexLock lock(&mutex_);
    entry.time = absl::FromUnixMillis(absl::ToUnixMillis(clock_->Now()));
    entries_.push_front({absl::StrCat(absl::ToUnixMillis(entry.time), "-", ++last_), entry});
    if (entries_.size() > kMaxAuditEntries) entries_.pop_back();
    return absl::OkStatus();
  }

  absl::StatusOr<AuditPage> Read(const std::string& before, int limit) {
    DARKROOM_RETURN_IF_ERROR(CheckLimit(limit));
    DARKROOM_RETURN_IF_ERROR(CheckAuditToken(before));
    MutexLock lock(&mutex_);
    auto next = entries_.begin();
    if (!before.empty()) {
      next = std::find_if(next, entries_.end(),
                          [&before](const auto& entry) { return entry.first == before; });
      if (next != entries_.end()) ++next;
    }
    AuditPage page;
    std::string last;
    for (; next != entries_.end(); ++next) {
      if (static_cast<int>(page.entries.size()) == limit) {
        page.next = last;
        break;
      }
      last = next->first;
      page.entries.push_back(next->second);
    }
    return page;
  }

  const Clock* const clock_;
  Mutex mutex_;
  // The newest first, each with its token.
  std::deque<std::pair<std::string, AuditEntry>> entries_ ABSL_GUARDED_BY(mutex_);
  std::int64_t last_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_TESTING_IN_MEMORY_AUDIT_LOG_H_
