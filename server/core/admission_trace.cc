#include "server/core/admission_trace.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/trace/trace_context.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/core/api_error.h"

namespace darkroom::server {
namespace {

std::string ReasonOf(const absl::Status& error) {
  google::rpc::ErrorInfo info;
  const google::rpc::Status wire = ToRpcStatus(error);
  const bool found = wire.details_size() > 0 && wire.details(0).UnpackTo(&info);
  return found ? info.reason() : std::string(reason::kInternal);
}

void Describe(const scheduler::JobSnapshot& job, trace::Span& span) {
  span.attributes.push_back({"darkroom.tier", job.tier});
  span.attributes.push_back({"darkroom.model", job.model});
  if (job.id.empty()) {
    span.attributes.push_back({"darkroom.dry_run", true});
    return;
  }
  span.attributes.push_back({"darkroom.job", job.id});
  const trace::TraceContext of_job = trace::ParseTraceparent(job.traceparent);
  if (of_job.valid() && of_job != span.context) span.links.push_back(of_job);
}

}  // namespace

Callback<scheduler::JobSnapshot> TraceAdmission(const trace::Tracer& tracer, trace::Span span,
                                                const Caller& caller,
                                                Callback<scheduler::JobSnapshot> done) {
  if (!span.context.sampled) return done;
  span.attributes.push_back({"darkroom.tenant", caller.tenant});
  return [tracer, span = std::move(span),
          done = std::move(done)](absl::StatusOr<scheduler::JobSnapshot> job) mutable {
    if (job.ok()) {
      Describe(*job, span);
    } else {
      span.error = ReasonOf(job.status());
    }
    tracer.End(std::move(span));
    done(std::move(job));
  };
}

}  // namespace darkroom::server
