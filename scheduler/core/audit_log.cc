#include "scheduler/core/audit_log.h"

#include <cstdint>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace darkroom::scheduler {

absl::Status CheckAuditEntry(const AuditEntry& entry) {
  for (const std::string* text :
       {&entry.key, &entry.tenant, &entry.action, &entry.target, &entry.outcome}) {
    if (text->size() > kMaxAuditText) {
      return absl::InvalidArgumentError(
          absl::StrCat("a text of an audit entry has more than ", kMaxAuditText, " bytes"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckAuditToken(absl::string_view token) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(token, absl::MaxSplits('-', 1));
  std::uint64_t milliseconds = 0;
  std::uint64_t number = 0;
  if (token.empty() ||
      (absl::SimpleAtoi(parts.first, &milliseconds) && absl::SimpleAtoi(parts.second, &number) &&
       absl::StrCat(milliseconds, "-", number) == token)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("not a page token");
}

}  // namespace darkroom::scheduler
