#include "server/core/generation_core.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "common/log.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "common/trace/trace_context.h"
#include "darkroom/internal/v1/job_record.pb.h"
#include "server/admission/cost_model.h"
#include "server/admission/tier_rules.h"
#include "server/core/admission_trace.h"
#include "server/core/api_error.h"
#include "server/core/job_view.h"
#include "server/core/resource_name.h"
#include "server/core/within.h"

namespace darkroom::server {
namespace {

using scheduler::JobSnapshot;

constexpr int kDefaultPage = 20;
constexpr int kLargestPage = 100;
constexpr absl::Duration kDrainRetry = absl::Seconds(1);

std::string Serialise(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

void LogAccepted(const JobSnapshot& job) {
  log::Info("job accepted", {{"job", job.id},
                             {"trace_id", trace::TraceIdOf(job.traceparent)},
                             {"tier", job.tier},
                             {"model", job.model}});
}

absl::Status JobNotFound() {
  return ApiError(absl::StatusCode::kNotFound, reason::kJobNotFound,
                  "you have no job of this name; finished jobs are forgotten after a while");
}

absl::Status Explain(const absl::Status& status) {
  return absl::IsNotFound(status) ? JobNotFound() : StoreError(status);
}

// Wraps a callback for a job of the API into one for a job of the store, whose wait is promised.
Callback<JobSnapshot> Viewed(std::shared_ptr<WaitPromises> promises,
                             Callback<darkroom::v1::Job> done) {
  return [promises = std::move(promises),
          done = std::move(done)](absl::StatusOr<JobSnapshot> job) mutable {
    if (!job.ok()) return done(job.status());
    absl::StatusOr<darkroom::v1::Job> view = ViewJob(*job, promises->Promise(*job));
    if (!view.ok()) return done(StoreError(view.status()));
    done(*std::move(view));
  };
}

}  // namespace

GenerationCore::GenerationCore(const CoreContext& context, RequestGate& gate,
                               std::shared_ptr<RequestCheck> requests, Options options)
    : context_(context),
      gate_(gate),
      requests_(std::move(requests)),
      inputs_(std::make_shared<InputFinder>(context.loop, context.ports)),
      options_(std::move(options)) {}

void GenerationCore::Submit(NewJob job, Callback<JobSnapshot> done) {
  done = TraceAdmission(options_.tracer, job.span, job.caller, std::move(done));
  if (refusing_) {
    return done(WithRetry(ApiError(absl::StatusCode::kUnavailable, reason::kDraining,
                                   "this gateway is stopping; try another"),
                          kDrainRetry));
  }
  if (job.deadline <= context_.loop.clock().Now()) {
    return done(ApiError(absl::StatusCode::kDeadlineExceeded, reason::kDeadlinePassed,
                         "the deadline passed before the job was queued"));
  }
  const Caller caller = job.caller;
  gate_.Pass(caller, [self = shared_from_this(), job = std::move(job),
                      done = std::move(done)](const absl::Status& passed) mutable {
    if (!passed.ok()) return done(passed);
    self->FindInputs(std::move(job), std::move(done));
  });
}

void GenerationCore::FindInputs(NewJob job, Callback<JobSnapshot> done) {
  if (!job.parameters.has_init_image()) return Check(std::move(job), {}, std::move(done));
  const std::string tenant = job.caller.tenant;
  const darkroom::v1::InitImage image = job.parameters.init_image();
  inputs_->Find(tenant, image,
                [self = shared_from_this(), job = std::move(job),
                 done = std::move(done)](absl::StatusOr<InputFinder::Answer> answer) mutable {
                  if (!answer.ok()) return done(answer.status());
                  job.violations.insert(job.violations.end(), answer->violations.begin(),
                                        answer->violations.end());
                  self->Check(std::move(job), *std::move(answer), std::move(done));
                });
}

void GenerationCore::Check(NewJob job, InputFinder::Answer inputs, Callback<JobSnapshot> done) {
  darkroom::v1::ImageParameters parameters = job.parameters;
  Inputs headers;
  std::vector<InputPicture> files;
  if (inputs.picture.has_value()) {
    headers.init_image = inputs.picture->header;
    parameters.mutable_init_image()->set_name(InputName(inputs.picture->id));
    files.push_back(*std::move(inputs.picture));
  }
  if (inputs.mask.has_value()) {
    headers.mask = inputs.mask->header;
    parameters.mutable_init_image()->mutable_mask()->set_name(InputName(inputs.mask->id));
    files.push_back(*std::move(inputs.mask));
  }
  requests_->Check(std::move(parameters), headers,
                   [self = shared_from_this(), job = std::move(job), files = std::move(files),
                    done = std::move(done)](absl::StatusOr<Verdict> verdict) mutable {
                     if (!verdict.ok()) return done(verdict.status());
                     self->Admit(job, std::move(files), *std::move(verdict), std::move(done));
                   });
}

void GenerationCore::Admit(const NewJob& job, std::vector<InputPicture> files, Verdict verdict,
                           Callback<JobSnapshot> done) {
  absl::StatusOr<scheduler::Submission> submission = Price(job, std::move(verdict));
  if (!submission.ok()) return done(submission.status());
  if (job.validate_only) return Foresee(*std::move(submission), std::move(done));
  // Before the job, whose worker may be faster than this gateway.
  Store(std::move(files), *std::move(submission), std::move(done));
}

void GenerationCore::Store(std::vector<InputPicture> files, scheduler::Submission submission,
                           Callback<JobSnapshot> done) {
  if (files.empty()) return Queue(std::move(submission), std::move(done));
  InputPicture file = std::move(files.back());
  files.pop_back();
  context_.ports.results.PutInput(
      std::move(file.id), std::move(file.bytes),
      WithinDone(
          context_.loop, kStoreTimeout,
          [self = shared_from_this(), files = std::move(files), submission = std::move(submission),
           done = std::move(done)](const absl::Status& stored) mutable {
            if (absl::IsResourceExhausted(stored)) {
              return done(ViewRefusal({scheduler::RefusalCause::kStoreFull}, {}, {}));
            }
            if (!stored.ok()) return done(StoreError(stored));
            self->Store(std::move(files), std::move(submission), std::move(done));
          }));
}

void GenerationCore::Queue(scheduler::Submission submission, Callback<JobSnapshot> done) {
  Callback<JobSnapshot> explaining = Explaining(submission, std::move(done));
  context_.ports.queue.Submit(std::move(submission),
                              Within<scheduler::SubmitOutcome>(
                                  context_.loop, kStoreTimeout,
                                  [explaining = std::move(explaining)](
                                      absl::StatusOr<scheduler::SubmitOutcome> outcome) mutable {
                                    if (!outcome.ok()) return explaining(outcome.status());
                                    if (outcome->created) LogAccepted(outcome->job);
                                    explaining(std::move(outcome->job));
                                  }));
}

void GenerationCore::Foresee(scheduler::Submission submission, Callback<JobSnapshot> done) {
  Callback<JobSnapshot> explaining = Explaining(submission, std::move(done));
  context_.ports.queue.Foresee(
      std::move(submission),
      Within<JobSnapshot>(context_.loop, kStoreTimeout, std::move(explaining)));
}

Callback<JobSnapshot> GenerationCore::Explaining(const scheduler::Submission& submission,
                                                 Callback<JobSnapshot> done) {
  RefusedJob job = {submission.tenant, submission.model, submission.max_queued, submission.terms};
  return [self = shared_from_this(), job = std::move(job),
          done = std::move(done)](absl::StatusOr<JobSnapshot> answer) mutable {
    if (answer.ok()) return done(*std::move(answer));
    if (absl::IsResourceExhausted(answer.status())) {
      return self->ExplainRefusal(answer.status(), std::move(job), std::move(done));
    }
    if (absl::IsAlreadyExists(answer.status())) {
      return done(ApiError(absl::StatusCode::kAlreadyExists, reason::kRequestIdReused,
                           "this request_id was used with other parameters; choose a new one for a "
                           "new job"));
    }
    done(StoreError(answer.status()));
  };
}

absl::StatusOr<scheduler::Submission> GenerationCore::Price(const NewJob& job,
                                                            Verdict verdict) const {
  const Tier& tier = TierOf(options_.tiers, job.caller.tier);
  std::vector<FieldViolation> violations = job.violations;
  const std::vector<FieldViolation> asked =
      verdict.violations.empty() ? CheckTierLimits(verdict, tier) : verdict.violations;
  for (const auto& found : {asked, ValidateRequestId(job.request_id)}) {
    violations.insert(violations.end(), found.begin(), found.end());
  }
  if (!violations.empty()) return InvalidRequest(violations);

  scheduler::Submission submission;
  submission.id = RandomId();
  submission.tenant = job.caller.tenant;
  submission.request_id = job.request_id;
  // Of the parameters as they were sent: a drawn seed must not make a repeated request another one.
  submission.request_digest = Sha256Hex(Serialise(job.parameters));
  submission.model = verdict.model;
  submission.cost = PredictCost(*context_.catalogue->Find(verdict.model), verdict.resolved,
                                verdict.upscale_operations, verdict.upscaled_pixels);
  submission.deadline = job.deadline;
  submission.max_queued = options_.max_queued;
  submission.traceparent = trace::FormatTraceparent(job.span.context);
  submission.terms = tier.terms;
  darkroom::internal::v1::JobSpec spec;
  spec.set_version(scheduler::kJobSpecVersion);
  spec.mutable_parameters()->Swap(&verdict.resolved);
  submission.spec = Serialise(spec);
  submission.spec_version = spec.version();
  return submission;
}

void GenerationCore::ExplainRefusal(const absl::Status& status, RefusedJob job,
                                    Callback<JobSnapshot> done) {
  // Without a cause it is the store itself that has no room.
  const scheduler::Refusal refusal = scheduler::RefusalOf(status).value_or(
      scheduler::Refusal{scheduler::RefusalCause::kStoreFull});
  if (refusal.cause == scheduler::RefusalCause::kStoreFull ||
      refusal.retry > absl::ZeroDuration()) {
    return done(ViewRefusal(refusal, job, absl::ZeroDuration()));
  }
  context_.ports.queue.Depth(Within<scheduler::QueueDepth>(
      context_.loop, kStoreTimeout,
      [self = shared_from_this(), refusal, job = std::move(job),
       done = std::move(done)](absl::StatusOr<scheduler::QueueDepth> depth) mutable {
        // By then the workers have made room for one job of average cost.
        const darkroom::v1::Model* served = self->context_.catalogue->Find(job.model);
        const int workers = served == nullptr ? 1 : std::max(served->workers(), 1);
        const absl::Duration room =
            depth.ok() ? depth->queued_cost / std::max<std::int64_t>(depth->queued, 1) / workers
                       : absl::ZeroDuration();
        done(ViewRefusal(refusal, job, room));
      }));
}

void GenerationCore::Find(const std::string& tenant, absl::string_view name,
                          Callback<JobSnapshot> done) {
  const absl::StatusOr<std::string> id = ParseJobName(name);
  if (!id.ok()) return done(id.status());
  context_.ports.queue.Get(
      tenant, *id,
      Within<JobSnapshot>(context_.loop, kStoreTimeout,
                          [done = std::move(done)](absl::StatusOr<JobSnapshot> job) mutable {
                            if (!job.ok()) return done(Explain(job.status()));
                            done(*std::move(job));
                          }));
}

void GenerationCore::CreateJob(NewJob job, Callback<darkroom::v1::Job> done) {
  Submit(std::move(job), Viewed(context_.promises, std::move(done)));
}

void GenerationCore::GetJob(const std::string& tenant, const darkroom::v1::GetJobRequest& request,
                            Callback<darkroom::v1::Job> done) {
  Find(tenant, request.name(), Viewed(context_.promises, std::move(done)));
}

void GenerationCore::ListJobs(const std::string& tenant,
                              const darkroom::v1::ListJobsRequest& request,
                              Callback<darkroom::v1::ListJobsResponse> done) {
  if (request.page_size() < 0) {
    return done(InvalidRequest(
        {{"page_size", absl::StrCat("is ", request.page_size(), "; it must not be negative")}}));
  }
  const int limit =
      request.page_size() == 0 ? kDefaultPage : std::min(request.page_size(), kLargestPage);
  context_.ports.queue.List(
      tenant, request.page_token(), limit,
      Within<scheduler::JobPage>(
          context_.loop, kStoreTimeout,
          [promises = context_.promises,
           done = std::move(done)](absl::StatusOr<scheduler::JobPage> page) mutable {
            if (absl::IsInvalidArgument(page.status())) {
              return done(
                  InvalidRequest({{"page_token",
                                   "is not a next_page_token of this method; leave it empty to "
                                   "begin with the first page"}}));
            }
            if (!page.ok()) return done(StoreError(page.status()));
            darkroom::v1::ListJobsResponse response;
            for (const JobSnapshot& job : page->jobs) {
              absl::StatusOr<darkroom::v1::Job> view = ViewJob(job, promises->Promise(job));
              if (view.ok()) {
                response.add_jobs()->Swap(&*view);
                continue;
              }
              if (!absl::IsUnavailable(view.status())) return done(StoreError(view.status()));
              log::Warning("a job of a later version is left out of a list",
                           {{"job", job.id}, {"trace_id", trace::TraceIdOf(job.traceparent)}});
            }
            response.set_next_page_token(page->next);
            done(std::move(response));
          }));
}

void GenerationCore::CancelJob(const std::string& tenant,
                               const darkroom::v1::CancelJobRequest& request,
                               Callback<darkroom::v1::Job> done) {
  const absl::StatusOr<std::string> id = ParseJobName(request.name());
  if (!id.ok()) return done(id.status());
  context_.ports.queue.Cancel(
      tenant, *id,
      Within<JobSnapshot>(context_.loop, kStoreTimeout,
                          [promises = context_.promises,
                           done = std::move(done)](absl::StatusOr<JobSnapshot> job) mutable {
                            if (!job.ok()) return done(Explain(job.status()));
                            Viewed(std::move(promises), std::move(done))(*std::move(job));
                          }));
}

}  // namespace darkroom::server
