#ifndef DARKROOM_SCHEDULER_CORE_AUDIT_LOG_H_
#define DARKROOM_SCHEDULER_CORE_AUDIT_LOG_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/await.h"

namespace darkroom::scheduler {

// Who did what to what. Names only: no secret, no prompt.
struct AuditEntry {
  absl::Time time = absl::InfiniteFuture();  // of the store, whole milliseconds; given by it
  std::string key;                           // of the caller; never its secret
  std::string tenant;                        // of the key
  std::string action;                        // "RevokeKey"
  std::string target;                        // resource name
  std::string outcome;                       // resource name; may be empty

  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

struct AuditPage {
  std::vector<AuditEntry> entries;  // the newest first
  std::string next;                 // pass as `before` for the next page; empty on the last
};

// What administrators have done, the newest kMaxAuditEntries of it.
//
// Callbacks and thread-safety as for JobQueue; UNAVAILABLE likewise.
class AuditLog {
 public:
  virtual ~AuditLog() = default;

  // Adds an entry, also under memory pressure. INVALID_ARGUMENT for a text of more than
  // kMaxAuditText bytes. Not idempotent: repeated, it is there twice.
  virtual void AppendAudit(AuditEntry entry, Done done) = 0;
  // `limit` is 1 to 100. INVALID_ARGUMENT when `before` is not one of ours.
  virtual void ReadAudit(std::string before, int limit, Callback<AuditPage> done) = 0;
};

inline constexpr int kMaxAuditEntries = 10'000;
inline constexpr std::size_t kMaxAuditText = 256;

// INVALID_ARGUMENT for what no store keeps.
absl::Status CheckAuditEntry(const AuditEntry& entry);
// A token is two numbers with "-" between them, as Redis names the entries of a stream; the empty
// one is fine, too. INVALID_ARGUMENT.
absl::Status CheckAuditToken(absl::string_view token);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_AUDIT_LOG_H_
