#include "scheduler/redis/job_codec.h"

#include <functional>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace darkroom::scheduler {
namespace {

using Kind = RedisReply::Kind;

absl::StatusOr<std::int64_t> ParseInteger(absl::string_view text) {
  std::int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) return absl::DataLossError("not an integer in Redis");
  return value;
}

// Assigns one field of the job hash to its place in the snapshot; fields that only the scripts use
// are passed over.
absl::Status AssignField(absl::string_view name, const std::string& value, JobSnapshot& job) {
  if (name == "tenant") job.tenant = value;
  if (name == "tier") job.tier = value;
  if (name == "model") job.model = value;
  if (name == "spec") job.spec = value;
  if (name == "worker") job.worker = value;
  if (name == "reason") job.failure.reason = value;
  if (name == "message") job.failure.message = value;
  if (name == "result") job.result = value;
  if (name == "traceparent") job.traceparent = value;
  if (name == "cancel") job.cancel_requested = value == "1";
  if (name == "state") {
    DARKROOM_ASSIGN_OR_RETURN(job.state, ParseState(value));
  }
  if (name == "cost") {
    DARKROOM_ASSIGN_OR_RETURN(job.cost, DecodeDuration(value));
  }
  if (name == "device_time") {
    DARKROOM_ASSIGN_OR_RETURN(job.device_time, DecodeDuration(value));
  }
  if (name == "fence") {
    DARKROOM_ASSIGN_OR_RETURN(job.fence, ParseInteger(value));
  }
  if (name == "attempts") {
    DARKROOM_ASSIGN_OR_RETURN(const std::int64_t attempts, ParseInteger(value));
    job.attempts = static_cast<int>(attempts);
  }
  if (name == "version") {
    DARKROOM_ASSIGN_OR_RETURN(const std::int64_t version, ParseInteger(value));
    job.spec_version = static_cast<std::uint32_t>(version);
  }
  if (name == "sequence") {
    DARKROOM_ASSIGN_OR_RETURN(job.last_sequence, ParseInteger(value));
  }
  for (const auto& [field, time] :
       {std::pair<absl::string_view, absl::Time*>{"deadline", &job.deadline},
        {"submitted", &job.submitted},
        {"started", &job.started},
        {"finished", &job.finished},
        {"forgotten", &job.forgotten}}) {
    if (name != field) continue;
    DARKROOM_ASSIGN_OR_RETURN(*time, DecodeTime(value));
  }
  return absl::OkStatus();
}

}  // namespace

std::string EncodeTime(absl::Time time) {
  if (time == absl::InfiniteFuture()) return "";
  return absl::StrCat(absl::ToUnixMicros(time));
}

std::string EncodeDuration(absl::Duration duration) {
  return absl::StrCat(absl::ToInt64Microseconds(duration));
}

absl::StatusOr<absl::Time> DecodeTime(absl::string_view text) {
  if (text.empty()) return absl::InfiniteFuture();
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t micros, ParseInteger(text));
  return absl::FromUnixMicros(micros);
}

absl::StatusOr<absl::Duration> DecodeDuration(absl::string_view text) {
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t micros, ParseInteger(text));
  return absl::Microseconds(micros);
}

absl::StatusOr<std::int64_t> DecodeInteger(const RedisReply& reply) {
  if (reply.kind == Kind::kInteger) return reply.integer;
  if (reply.kind == Kind::kText) return ParseInteger(reply.text);
  return UnexpectedReply("an integer");
}

absl::StatusOr<JobSnapshot> DecodeSnapshot(const RedisReply& reply) {
  if (reply.elements.size() != 6) return UnexpectedReply("a job");
  JobSnapshot job;
  job.spec_version = 1;  // of jobs from before it was stored
  job.id = reply.elements[0].text;
  const std::vector<RedisReply>& fields = reply.elements[1].elements;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    DARKROOM_RETURN_IF_ERROR(AssignField(fields[i].text, fields[i + 1].text, job));
  }
  if (job.state != JobState::kQueued) return job;
  DARKROOM_ASSIGN_OR_RETURN(job.position, DecodeInteger(reply.elements[2]));
  DARKROOM_ASSIGN_OR_RETURN(job.cost_ahead, DecodeDuration(reply.elements[3].text));
  DARKROOM_ASSIGN_OR_RETURN(job.throughput.done, DecodeDuration(reply.elements[4].text));
  DARKROOM_ASSIGN_OR_RETURN(job.throughput.time, DecodeDuration(reply.elements[5].text));
  return job;
}

absl::StatusOr<LeasedJob> DecodeLeasedJob(const RedisReply& reply) {
  const std::vector<RedisReply>& fields = reply.elements;
  if (fields.size() != 11) return UnexpectedReply("a leased job");
  LeasedJob job;
  job.id = fields[0].text;
  DARKROOM_ASSIGN_OR_RETURN(job.fence, DecodeInteger(fields[1]));
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t attempt, DecodeInteger(fields[2]));
  job.attempt = static_cast<int>(attempt);
  job.tenant = fields[3].text;
  job.tier = fields[4].text;
  job.model = fields[5].text;
  job.spec = fields[6].text;
  DARKROOM_ASSIGN_OR_RETURN(job.waited, DecodeDuration(fields[7].text));
  DARKROOM_ASSIGN_OR_RETURN(job.deadline, DecodeTime(fields[8].text));
  job.step_saved = fields[9].integer == 1;
  job.traceparent = fields[10].text;
  return job;
}

absl::Status UnexpectedReply(absl::string_view of) {
  return absl::DataLossError(absl::StrCat("Redis returned something else than ", of));
}

}  // namespace darkroom::scheduler
