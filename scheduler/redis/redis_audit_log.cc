#include "scheduler/redis/redis_audit_log.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "scheduler/core/record_version.h"
#include "scheduler/redis/job_codec.h"

namespace darkroom::scheduler {
namespace {

// Fields of an entry of the stream; those that a later version has added are passed over. Entries
// of later versions are shown as far as they are known: an audit must not leave out anything.
void AssignText(absl::string_view name, const std::string& value, AuditEntry& entry) {
  if (name == "key") entry.key = value;
  if (name == "tenant") entry.tenant = value;
  if (name == "action") entry.action = value;
  if (name == "target") entry.target = value;
  if (name == "outcome") entry.outcome = value;
}

absl::StatusOr<AuditEntry> DecodeAuditEntry(const RedisReply& reply) {
  if (reply.elements.size() != 2) return UnexpectedReply("an audit entry");
  AuditEntry entry;
  std::int64_t milliseconds = 0;
  const std::pair<absl::string_view, absl::string_view> id =
      absl::StrSplit(reply.elements[0].text, absl::MaxSplits('-', 1));
  if (!absl::SimpleAtoi(id.first, &milliseconds)) return UnexpectedReply("an audit entry");
  entry.time = absl::FromUnixMillis(milliseconds);
  const std::vector<RedisReply>& fields = reply.elements[1].elements;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    AssignText(fields[i].text, fields[i + 1].text, entry);
  }
  return entry;
}

// `reply` has one entry more than the page if there is another page.
absl::StatusOr<AuditPage> DecodeAuditPage(const RedisReply& reply, std::size_t limit) {
  AuditPage page;
  for (const RedisReply& element : reply.elements) {
    if (page.entries.size() == limit) {
      page.next = reply.elements[limit - 1].elements[0].text;
      break;
    }
    DARKROOM_ASSIGN_OR_RETURN(AuditEntry entry, DecodeAuditEntry(element));
    page.entries.push_back(std::move(entry));
  }
  return page;
}

}  // namespace

void RedisAuditLog::AppendAudit(AuditEntry entry, Done done) {
  if (absl::Status status = CheckAuditEntry(entry); !status.ok()) return done(status);
  pool_->RunDone(
      lua::kAppendAudit,
      {absl::StrCat(kMaxAuditEntries), "version", absl::StrCat(kAuditEntryVersion), "key",
       std::move(entry.key), "tenant", std::move(entry.tenant), "action", std::move(entry.action),
       "target", std::move(entry.target), "outcome", std::move(entry.outcome)},
      std::move(done));
}

void RedisAuditLog::ReadAudit(std::string before, int limit, Callback<AuditPage> done) {
  if (absl::Status status = CheckLimit(limit); !status.ok()) return done(status);
  if (absl::Status status = CheckAuditToken(before); !status.ok()) return done(status);
  pool_->loop().Send(
      {"XREVRANGE", pool_->keys().Audit(), before.empty() ? "+" : absl::StrCat("(", before), "-",
       "COUNT", absl::StrCat(limit + 1)},
      [limit, done = std::move(done)](const absl::StatusOr<RedisReply>& reply) mutable {
        if (!reply.ok()) return done(reply.status());
        done(DecodeAuditPage(*reply, static_cast<std::size_t>(limit)));
      });
}

}  // namespace darkroom::scheduler
