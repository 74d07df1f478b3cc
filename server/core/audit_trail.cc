#include "server/core/audit_trail.h"

#include <utility>
#include <vector>

#include "common/log.h"
#include "server/core/api_error.h"
#include "server/core/job_view.h"
#include "server/core/page_request.h"
#include "server/core/within.h"

namespace darkroom::server {

void AuditTrail::Record(const Caller& by, absl::string_view action, std::string target,
                        std::string outcome, absl::AnyInvocable<void()> then) {
  log::Info("audit", {{"key", by.key},
                      {"tenant", by.tenant},
                      {"action", action},
                      {"target", target},
                      {"outcome", outcome}});
  scheduler::AuditEntry entry = {.key = by.key,
                                 .tenant = by.tenant,
                                 .action = std::string(action),
                                 .target = std::move(target),
                                 .outcome = std::move(outcome)};
  store_.AppendAudit(
      std::move(entry),
      WithinDone(loop_, kStoreTimeout, [then = std::move(then)](const absl::Status& kept) mutable {
        if (!kept.ok()) {
          log::Error("an audit entry is in this log alone", {{"why", kept.message()}});
        }
        then();
      }));
}

void AuditTrail::ListAuditEntries(const darkroom::v1::ListAuditEntriesRequest& request,
                                  Callback<darkroom::v1::ListAuditEntriesResponse> done) {
  const std::vector<FieldViolation> violations =
      CheckPageRequest(request.page_size(), scheduler::CheckAuditToken(request.page_token()).ok());
  if (!violations.empty()) return done(InvalidRequest(violations));
  store_.ReadAudit(request.page_token(), AdminPageSize(request.page_size()),
                   Within<scheduler::AuditPage>(
                       loop_, kStoreTimeout,
                       [done = std::move(done)](absl::StatusOr<scheduler::AuditPage> page) mutable {
                         if (!page.ok()) return done(StoreError(page.status()));
                         darkroom::v1::ListAuditEntriesResponse response;
                         for (scheduler::AuditEntry& entry : page->entries) {
                           darkroom::v1::AuditEntry& shown = *response.add_audit_entries();
                           *shown.mutable_time() = ToTimestamp(entry.time);
                           shown.set_key(std::move(entry.key));
                           shown.set_tenant(std::move(entry.tenant));
                           shown.set_action(std::move(entry.action));
                           shown.set_target(std::move(entry.target));
                           shown.set_outcome(std::move(entry.outcome));
                         }
                         response.set_next_page_token(page->next);
                         done(std::move(response));
                       }));
}

}  // namespace darkroom::server
