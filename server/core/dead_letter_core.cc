#include "server/core/dead_letter_core.h"

#include <utility>
#include <vector>

#include "common/ids.h"
#include "common/sha256.h"
#include "server/core/api_error.h"
#include "server/core/job_view.h"
#include "server/core/page_request.h"
#include "server/core/refusal_view.h"
#include "server/core/resource_name.h"
#include "server/core/within.h"

namespace darkroom::server {
namespace {

void ViewLetter(const scheduler::DeadLetter& letter, darkroom::v1::DeadLetter& view) {
  view.set_name(DeadLetterName(letter.job.id));
  view.set_tenant(letter.job.tenant);
  view.set_tier(letter.terms.tier);
  view.set_model(ModelName(letter.job.model));
  view.set_attempts(letter.job.attempts);
  view.set_worker(WorkerName(letter.job.worker));
  view.set_reason(letter.job.failure.reason);
  view.set_message(letter.job.failure.message);
  *view.mutable_create_time() = ToTimestamp(letter.job.submitted);
  *view.mutable_end_time() = ToTimestamp(letter.job.finished);
  *view.mutable_expire_time() = ToTimestamp(letter.job.forgotten);
}

absl::Status ExplainLetterError(const absl::Status& status) {
  if (!absl::IsNotFound(status)) return StoreError(status);
  return ApiError(absl::StatusCode::kNotFound, reason::kDeadLetterNotFound,
                  "there is no dead letter of this name; it may have been queued again, or been "
                  "forgotten");
}

scheduler::Submission SubmissionOf(const scheduler::DeadLetter& letter) {
  scheduler::Submission submission;
  submission.id = RandomId();
  submission.tenant = letter.job.tenant;
  submission.request_id = scheduler::RequeueId(letter.job.id);
  submission.request_digest = Sha256Hex(letter.job.spec);
  submission.model = letter.job.model;
  submission.spec = letter.job.spec;
  submission.spec_version = letter.job.spec_version;
  submission.cost = letter.job.cost;
  submission.terms = letter.terms;
  submission.traceparent = letter.job.traceparent;  // one story, with its end
  return submission;
}

}  // namespace

DeadLetterCore::DeadLetterCore(Loop& loop, scheduler::DeadLetters& letters,
                               scheduler::JobQueue& queue, std::shared_ptr<AuditTrail> audit)
    : loop_(loop), letters_(letters), queue_(queue), audit_(std::move(audit)) {}

void DeadLetterCore::ListDeadLetters(const darkroom::v1::ListDeadLettersRequest& request,
                                     Callback<darkroom::v1::ListDeadLettersResponse> done) {
  const std::vector<FieldViolation> violations = CheckPageRequest(
      request.page_size(), scheduler::ParseDeadLetterPlace(request.page_token()).ok());
  if (!violations.empty()) return done(InvalidRequest(violations));
  letters_.ListDeadLetters(
      request.page_token(), AdminPageSize(request.page_size()),
      Within<scheduler::DeadLetterPage>(
          loop_, kStoreTimeout,
          [done = std::move(done)](absl::StatusOr<scheduler::DeadLetterPage> page) mutable {
            if (!page.ok()) return done(StoreError(page.status()));
            darkroom::v1::ListDeadLettersResponse response;
            for (const scheduler::DeadLetter& letter : page->letters) {
              ViewLetter(letter, *response.add_dead_letters());
            }
            response.set_next_page_token(page->next);
            done(std::move(response));
          }));
}

void DeadLetterCore::RequeueDeadLetter(const Caller& caller,
                                       const darkroom::v1::RequeueDeadLetterRequest& request,
                                       Requeued done) {
  absl::StatusOr<std::string> id = ParseDeadLetterName(request.name());
  if (!id.ok()) return done(id.status());
  letters_.GetDeadLetter(*std::move(id),
                         Within<scheduler::DeadLetter>(
                             loop_, kStoreTimeout,
                             [self = shared_from_this(), caller = caller, done = std::move(done)](
                                 const absl::StatusOr<scheduler::DeadLetter>& letter) mutable {
                               if (!letter.ok()) return done(ExplainLetterError(letter.status()));
                               self->Queue(std::move(caller), *letter, std::move(done));
                             }));
}

void DeadLetterCore::Queue(Caller caller, const scheduler::DeadLetter& letter, Requeued done) {
  queue_.Submit(
      SubmissionOf(letter),
      Within<scheduler::SubmitOutcome>(
          loop_, kStoreTimeout,
          [self = shared_from_this(), caller = std::move(caller), id = letter.job.id,
           done = std::move(done)](const absl::StatusOr<scheduler::SubmitOutcome>& made) mutable {
            if (absl::IsResourceExhausted(made.status())) {
              return done(ViewRefusal({scheduler::RefusalCause::kStoreFull}, {}, {}));
            }
            if (!made.ok()) return done(StoreError(made.status()));
            self->Remove(caller, std::move(id), made->job.id, std::move(done));
          }));
}

void DeadLetterCore::Remove(const Caller& caller, std::string letter, std::string job,
                            Requeued done) {
  darkroom::v1::RequeueDeadLetterResponse response;
  response.set_job(JobName(job));
  audit_->Record(caller, "RequeueDeadLetter", DeadLetterName(letter), response.job(),
                 [self = shared_from_this(), letter, response, done = std::move(done)]() mutable {
                   self->letters_.RemoveDeadLetter(
                       std::move(letter),
                       WithinDone(self->loop_, kStoreTimeout,
                                  [response = std::move(response),
                                   done = std::move(done)](const absl::Status& removed) mutable {
                                    if (!removed.ok()) return done(StoreError(removed));
                                    done(std::move(response));
                                  }));
                 });
}

}  // namespace darkroom::server
