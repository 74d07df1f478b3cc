// How jobs come into JobTable.

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "scheduler/core/refusal.h"
#include "scheduler/testing/job_table.h"

namespace darkroom::scheduler {
namespace {

// Key of JobTable::requests_; empty when the submission is not idempotent.
std::string IdempotencyOf(const Submission& submission) {
  if (submission.request_id.empty()) return "";
  return absl::StrCat(submission.tenant, "\n", submission.request_id);
}

bool IsLimited(const Submission& submission) {
  return submission.terms.daily_device_time != absl::InfiniteDuration();
}

}  // namespace

absl::StatusOr<SubmitOutcome> JobTable::Submit(const Submission& submission, absl::Time now) {
  DARKROOM_ASSIGN_OR_RETURN(const Record* earlier, Examine(submission, now));
  if (earlier != nullptr) return SubmitOutcome{.job = Snapshot(*earlier), .created = false};
  if (IsLimited(submission)) usage_.Add(submission.tenant, submission.cost, now);
  ++last_order_;
  Record& record = jobs_[submission.id] = NewRecord(submission, now);
  if (!record.idempotency.empty()) requests_[record.idempotency] = submission.id;
  AddEvent(record, AcceptedEvent{}, now);
  Enqueue(record, false, now);
  return SubmitOutcome{.job = Snapshot(record), .created = true};
}

absl::StatusOr<JobSnapshot> JobTable::Foresee(const Submission& submission, absl::Time now) {
  DARKROOM_ASSIGN_OR_RETURN(const Record* earlier, Examine(submission, now));
  if (earlier != nullptr) return Snapshot(*earlier);
  Record record = NewRecord(submission, now);
  ++record.place.order;
  CountThroughput(absl::ZeroDuration(), now);
  order_.Enqueue(record.place);
  JobSnapshot job = Snapshot(record);
  order_.Remove(record.place);
  job.id.clear();
  job.submitted = absl::InfiniteFuture();
  job.traceparent.clear();
  return job;
}

absl::StatusOr<const JobTable::Record*> JobTable::Examine(const Submission& submission,
                                                          absl::Time now) const {
  const auto request = requests_.find(IdempotencyOf(submission));
  const Record* earlier = Find(request == requests_.end() ? submission.id : request->second);
  if (earlier != nullptr) {
    const bool same =
        earlier->job.tenant == submission.tenant && earlier->digest == submission.request_digest;
    if (!same) return RequestIdReused();
    return earlier;
  }
  if (submission.max_queued > 0 &&
      static_cast<std::int64_t>(queued_.size()) >= submission.max_queued) {
    return RefusalError({RefusalCause::kPoolFull});
  }
  const TierTerms& terms = submission.terms;
  if (terms.max_queued > 0 && order_.QueuedOf(submission.tenant) >= terms.max_queued) {
    return RefusalError({RefusalCause::kTenantQueueFull});
  }
  if (!IsLimited(submission)) return nullptr;
  const std::optional<absl::Duration> retry =
      usage_.Refuse(submission.tenant, submission.cost, terms.daily_device_time, now);
  if (retry.has_value()) return RefusalError({RefusalCause::kDailyDeviceTime, *retry});
  return nullptr;
}

JobTable::Record JobTable::NewRecord(const Submission& submission, absl::Time now) const {
  const TierTerms& terms = submission.terms;
  Record record;
  record.job.id = submission.id;
  record.job.tenant = submission.tenant;
  record.job.tier = terms.tier;
  record.job.model = submission.model;
  record.job.spec = submission.spec;
  record.job.spec_version = submission.spec_version;
  record.job.cost = submission.cost;
  record.job.deadline = Rounded(submission.deadline);
  record.job.submitted = Rounded(now);
  record.job.traceparent = submission.traceparent;
  record.place = {.order = last_order_,
                  .tier = terms.tier,
                  .weight = terms.weight,
                  .tenant = submission.tenant,
                  .model = submission.model,
                  .cost = absl::Trunc(submission.cost, absl::Microseconds(1)),
                  .max_running = terms.max_running,
                  .version = submission.spec_version};
  if (IsLimited(submission)) record.day = DailyUsage::DayOf(now);
  record.digest = submission.request_digest;
  record.idempotency = IdempotencyOf(submission);
  return record;
}

}  // namespace darkroom::scheduler
