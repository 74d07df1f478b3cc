#ifndef DARKROOM_SERVER_CORE_AUDIT_TRAIL_H_
#define DARKROOM_SERVER_CORE_AUDIT_TRAIL_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "common/await.h"
#include "darkroom/v1/admin_service.pb.h"
#include "scheduler/core/audit_log.h"
#include "server/core/caller.h"
#include "server/core/loop.h"

namespace darkroom::server {

// Tells who did what with the scope admin, twice: as a line of this gateway's log, and as an entry
// of the pool's audit log. Loop thread only; callbacks run there, once.
class AuditTrail : public std::enable_shared_from_this<AuditTrail> {
 public:
  // Loop and store outlive it.
  AuditTrail(Loop& loop, scheduler::AuditLog& store) : loop_(loop), store_(store) {}

  // Something has been done: `action` is the method's name, `target` and `outcome` are resource
  // names (darkroom.v1.AuditEntry). `then` runs when it has been told, also where the store has
  // failed to take it: then the line of the log is all, and another one says so. What has been done
  // cannot be taken back for that.
  void Record(const Caller& by, absl::string_view action, std::string target, std::string outcome,
              absl::AnyInvocable<void()> then);

  void ListAuditEntries(const darkroom::v1::ListAuditEntriesRequest& request,
                        Callback<darkroom::v1::ListAuditEntriesResponse> done);

 private:
  Loop& loop_;
  scheduler::AuditLog& store_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_AUDIT_TRAIL_H_
