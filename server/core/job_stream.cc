#include "server/core/job_stream.h"

#include <utility>

#include "common/log.h"
#include "common/trace/trace_context.h"
#include "server/core/resource_name.h"

namespace darkroom::server {

void JobStream::Generate(NewJob job, bool cancel_on_disconnect) {
  tenant_ = job.caller.tenant;
  cancel_on_disconnect_ = cancel_on_disconnect;
  // Held until the answer: a job whose reader has gone meanwhile may have to be cancelled.
  core_->Submit(std::move(job),
                [self = shared_from_this()](absl::StatusOr<scheduler::JobSnapshot> snapshot) {
                  self->OnJob(std::move(snapshot), 0);
                });
}

void JobStream::Watch(const std::string& tenant, const std::string& name,
                      std::int64_t after_sequence) {
  tenant_ = tenant;
  core_->Find(tenant, name, [self = shared_from_this(), after_sequence](auto snapshot) {
    self->OnJob(std::move(snapshot), after_sequence);
  });
}

void JobStream::OnJob(absl::StatusOr<scheduler::JobSnapshot> job, std::int64_t after_sequence) {
  if (job.ok()) {
    id_ = job->id;
    trace_id_ = std::string(trace::TraceIdOf(job->traceparent));
  }
  if (gone_) {
    if (job.ok() && cancel_on_disconnect_) CancelJob();
    return;
  }
  if (!job.ok()) {
    failed_ = true;
    return sink_.Close(job.status());
  }
  watch_ = std::make_shared<JobWatch>(core_->context(), sink_, *std::move(job));
  watch_->Start(after_sequence);
  if (draining_ && !watch_->closed()) watch_->Drain();
}

void JobStream::OnSent() {
  if (watch_ != nullptr) watch_->OnSent();
}

void JobStream::OnGone() {
  if (closed()) return;
  gone_ = true;
  if (watch_ == nullptr) return;  // OnJob will see
  watch_->Stop();
  if (cancel_on_disconnect_ && !watch_->finished()) CancelJob();
}

// A gateway that stops has broken the connection itself: the reader did not ask for anything.
void JobStream::Drain() {
  draining_ = true;
  cancel_on_disconnect_ = false;
  if (watch_ != nullptr && !watch_->closed()) watch_->Drain();
}

void JobStream::CancelJob() {
  darkroom::v1::CancelJobRequest request;
  request.set_name(JobName(id_));
  core_->CancelJob(
      tenant_, request,
      [id = id_, trace_id = trace_id_](const absl::StatusOr<darkroom::v1::Job>& job) {
        if (job.ok()) return;
        log::Warning("a job whose reader has gone goes on", {{"job", id}, {"trace_id", trace_id}});
      });
}

}  // namespace darkroom::server
