#include "cli/admin_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "cli/job_text.h"

namespace darkroom::cli {
namespace {

std::string Moment(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(time.seconds()),
                          absl::LocalTimeZone());
}

std::string Id(absl::string_view name) {
  const std::size_t slash = name.rfind('/');
  return std::string(slash == absl::string_view::npos ? name : name.substr(slash + 1));
}

}  // namespace

std::string DeadLettersText(const v1::ListDeadLettersResponse& listed) {
  std::vector<std::vector<std::string>> rows = {
      {"JOB", "TENANT", "TIER", "MODEL", "LAST WORKER", "REASON", "ENDED", "FORGOTTEN"}};
  for (const v1::DeadLetter& letter : listed.dead_letters()) {
    rows.push_back({Id(letter.name()), letter.tenant(), letter.tier(), Id(letter.model()),
                    Id(letter.worker()), letter.reason(), Moment(letter.end_time()),
                    Moment(letter.expire_time())});
  }
  return TableText(rows);
}

std::string AuditText(const v1::ListAuditEntriesResponse& listed) {
  std::vector<std::vector<std::string>> rows = {{"TIME", "TENANT", "KEY", "ACTION", "TARGET", ""}};
  for (const v1::AuditEntry& entry : listed.audit_entries()) {
    rows.push_back({Moment(entry.time()), entry.tenant(), entry.key(), entry.action(),
                    entry.target(),
                    entry.outcome().empty() ? "" : absl::StrCat("-> ", entry.outcome())});
  }
  return TableText(rows);
}

std::string NameIn(absl::string_view collection, absl::string_view name_or_id) {
  const std::string prefix = absl::StrCat(collection, "/");
  const absl::string_view id = absl::StripPrefix(absl::StripPrefix(name_or_id, prefix), "jobs/");
  return absl::StrCat(prefix, id);
}

}  // namespace darkroom::cli
