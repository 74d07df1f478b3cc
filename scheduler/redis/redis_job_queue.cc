#include "scheduler/redis/redis_job_queue.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "common/status_macros.h"
#include "scheduler/core/checks.h"
#include "scheduler/core/refusal.h"
#include "scheduler/redis/job_codec.h"

namespace darkroom::scheduler {
namespace {

using Kind = RedisReply::Kind;

std::vector<std::string> SubmitArguments(Submission submission, bool foresee) {
  std::string request;
  if (!submission.request_id.empty()) {
    request = Keys::RequestHash(submission.tenant, submission.request_id);
  }
  const TierTerms& terms = submission.terms;
  const bool limited = terms.daily_device_time != absl::InfiniteDuration();
  return {submission.id,
          submission.tenant,
          submission.model,
          std::move(submission.spec),
          EncodeDuration(submission.cost),
          EncodeTime(submission.deadline),
          std::move(submission.request_digest),
          std::move(request),
          absl::StrCat(submission.max_queued),
          terms.tier,
          absl::StrCat(terms.weight),
          absl::StrCat(terms.max_queued),
          absl::StrCat(terms.max_running),
          limited ? EncodeDuration(terms.daily_device_time) : "",
          absl::StrCat(submission.spec_version),
          foresee ? "1" : "",
          std::move(submission.traceparent)};
}

absl::StatusOr<SubmitOutcome> DecodeOutcome(const RedisReply& reply) {
  if (reply.elements.empty()) return UnexpectedReply("a submission's outcome");
  const std::string& verdict = reply.elements[0].text;
  if (verdict == "pool_full") return RefusalError({RefusalCause::kPoolFull});
  if (verdict == "tenant_full") return RefusalError({RefusalCause::kTenantQueueFull});
  if (verdict == "reused") return RequestIdReused();
  if (reply.elements.size() != 2) return UnexpectedReply("a submission's outcome");
  if (verdict == "daily") {
    DARKROOM_ASSIGN_OR_RETURN(const absl::Duration retry, DecodeDuration(reply.elements[1].text));
    return RefusalError({RefusalCause::kDailyDeviceTime, retry});
  }
  SubmitOutcome outcome;
  DARKROOM_ASSIGN_OR_RETURN(outcome.job, DecodeSnapshot(reply.elements[1]));
  outcome.created = verdict == "created";
  return outcome;
}

absl::StatusOr<JobSnapshot> DecodeForeseen(const RedisReply& reply) {
  DARKROOM_ASSIGN_OR_RETURN(SubmitOutcome outcome, DecodeOutcome(reply));
  return std::move(outcome.job);
}

absl::StatusOr<JobSnapshot> DecodeOwnJob(const RedisReply& reply) {
  if (reply.kind == Kind::kNil) return NoSuchJob();
  return DecodeSnapshot(reply);
}

absl::StatusOr<JobPage> DecodePage(const RedisReply& reply) {
  if (reply.elements.empty()) return UnexpectedReply("a page of jobs");
  JobPage page;
  page.next = reply.elements[0].text;
  for (std::size_t i = 1; i < reply.elements.size(); ++i) {
    DARKROOM_ASSIGN_OR_RETURN(JobSnapshot job, DecodeSnapshot(reply.elements[i]));
    page.jobs.push_back(std::move(job));
  }
  return page;
}

absl::StatusOr<QueueDepth> DecodeDepth(const RedisReply& reply) {
  if (reply.elements.size() != 4) return UnexpectedReply("the queue's depth");
  QueueDepth depth;
  DARKROOM_ASSIGN_OR_RETURN(depth.queued, DecodeInteger(reply.elements[0]));
  DARKROOM_ASSIGN_OR_RETURN(depth.running, DecodeInteger(reply.elements[1]));
  DARKROOM_ASSIGN_OR_RETURN(depth.dead, DecodeInteger(reply.elements[2]));
  DARKROOM_ASSIGN_OR_RETURN(depth.queued_cost, DecodeDuration(reply.elements[3].text));
  return depth;
}

absl::StatusOr<std::vector<ModelDepth>> DecodeModels(const std::vector<RedisReply>& fields) {
  std::vector<ModelDepth> models;
  for (std::size_t i = 0; i + 2 < fields.size(); i += 3) {
    ModelDepth& model = models.emplace_back();
    model.model = fields[i].text;
    DARKROOM_ASSIGN_OR_RETURN(model.queued, DecodeInteger(fields[i + 1]));
    DARKROOM_ASSIGN_OR_RETURN(model.oldest, DecodeTime(fields[i + 2].text));
  }
  return models;
}

absl::StatusOr<std::vector<TierDepth>> DecodeDepths(const RedisReply& reply) {
  std::vector<TierDepth> depths;
  for (const RedisReply& element : reply.elements) {
    const std::vector<RedisReply>& fields = element.elements;
    if (fields.size() != 6) return UnexpectedReply("a tier's depth");
    TierDepth depth;
    depth.tier = fields[0].text;
    DARKROOM_ASSIGN_OR_RETURN(depth.weight, DecodeInteger(fields[1]));
    DARKROOM_ASSIGN_OR_RETURN(depth.queued, DecodeInteger(fields[2]));
    DARKROOM_ASSIGN_OR_RETURN(depth.queued_cost, DecodeDuration(fields[3].text));
    DARKROOM_ASSIGN_OR_RETURN(depth.oldest, DecodeTime(fields[4].text));
    DARKROOM_ASSIGN_OR_RETURN(depth.models, DecodeModels(fields[5].elements));
    depths.push_back(std::move(depth));
  }
  return depths;
}

}  // namespace

void RedisJobQueue::Submit(Submission submission, Callback<SubmitOutcome> done) {
  if (absl::Status status = CheckSubmission(submission); !status.ok()) return done(status);
  if (memory_.Short()) {
    return done(RefusalError({RefusalCause::kStoreFull}));
  }
  pool_->Run<SubmitOutcome>(lua::kSubmit, SubmitArguments(std::move(submission), false),
                            &DecodeOutcome, std::move(done));
}

void RedisJobQueue::Foresee(Submission submission, Callback<JobSnapshot> done) {
  if (absl::Status status = CheckSubmission(submission); !status.ok()) return done(status);
  if (memory_.Short()) return done(RefusalError({RefusalCause::kStoreFull}));
  pool_->Run<JobSnapshot>(lua::kSubmit, SubmitArguments(std::move(submission), true),
                          &DecodeForeseen, std::move(done));
}

void RedisJobQueue::Get(absl::string_view tenant, absl::string_view id,
                        Callback<JobSnapshot> done) {
  if (!IsRandomId(id)) return done(NoSuchJob());
  pool_->Run<JobSnapshot>(lua::kGetJob, {std::string(tenant), std::string(id)}, &DecodeOwnJob,
                          std::move(done));
}

void RedisJobQueue::List(absl::string_view tenant, absl::string_view after, int limit,
                         Callback<JobPage> done) {
  if (absl::Status status = CheckLimit(limit); !status.ok()) return done(status);
  if (absl::Status status = ParsePageToken(after).status(); !status.ok()) return done(status);
  pool_->Run<JobPage>(
      lua::kListJobs,
      {std::string(tenant), after.empty() ? "+inf" : absl::StrCat("(", after), absl::StrCat(limit)},
      &DecodePage, std::move(done));
}

void RedisJobQueue::Cancel(absl::string_view tenant, absl::string_view id,
                           Callback<JobSnapshot> done) {
  if (!IsRandomId(id)) return done(NoSuchJob());
  pool_->Run<JobSnapshot>(
      lua::kCancel,
      {std::string(tenant), std::string(id), EncodeDuration(pool_->options().retention)},
      &DecodeOwnJob, std::move(done));
}

void RedisJobQueue::Depth(Callback<QueueDepth> done) {
  pool_->Run<QueueDepth>(lua::kDepth, {}, &DecodeDepth, std::move(done));
}

void RedisJobQueue::DepthByTier(Callback<std::vector<TierDepth>> done) {
  pool_->Run<std::vector<TierDepth>>(lua::kDepthByTier, {}, &DecodeDepths, std::move(done));
}

}  // namespace darkroom::scheduler
