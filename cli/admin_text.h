#ifndef DARKROOM_CLI_ADMIN_TEXT_H_
#define DARKROOM_CLI_ADMIN_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "darkroom/v1/admin_service.pb.h"

namespace darkroom::cli {

namespace v1 = darkroom::v1;

// For people, as tables; times in the local zone.
std::string DeadLettersText(const v1::ListDeadLettersResponse& listed);
std::string AuditText(const v1::ListAuditEntriesResponse& listed);

// "<collection>/<id>" from that, from the same of the collection "jobs" or from the id alone.
std::string NameIn(absl::string_view collection, absl::string_view name_or_id);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_ADMIN_TEXT_H_
