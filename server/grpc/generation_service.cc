#include "server/grpc/generation_service.h"

#include <utility>

#include "server/grpc/event_stream.h"
#include "server/grpc/unary_call.h"

namespace darkroom::server {
namespace {

using darkroom::v1::CancelJobRequest;
using darkroom::v1::CreateJobRequest;
using darkroom::v1::GenerateImageRequest;
using darkroom::v1::GetJobRequest;
using darkroom::v1::Job;
using darkroom::v1::ListJobsRequest;
using darkroom::v1::ListJobsResponse;
using darkroom::v1::WatchJobRequest;

constexpr absl::string_view kAdmit = "admit";

template <typename Request>
NewJob ToNewJob(Call<Request>& call, absl::Time deadline, trace::Span span) {
  NewJob job;
  job.caller = std::move(call.caller);
  job.parameters.Swap(call.request.mutable_parameters());
  job.request_id = call.request.request_id();
  job.deadline = deadline;
  job.violations = std::move(call.violations);
  job.span = std::move(span);
  return job;
}

}  // namespace

GenerationService::GenerationService(const CallContext& context,
                                     std::shared_ptr<GenerationCore> core, OpenStreams& streams)
    : context_(context), core_(std::move(core)), streams_(streams), tracer_(core_->tracer()) {}

grpc::ServerWriteReactor<grpc::ByteBuffer>* GenerationService::GenerateImage(
    grpc::CallbackServerContext* call, const grpc::ByteBuffer* request) {
  auto received = Receive<GenerateImageRequest>(context_, *call, *request);
  if (!received.ok()) return EventStream::Refuse(context_.loop, received.status());
  trace::Span span = BeginSpan(tracer_, kAdmit, *call);
  return EventStream::Start(
      context_.loop, core_, streams_, call,
      [received = *std::move(received), span = std::move(span)](JobStream& stream) mutable {
        const bool cancel = received.request.cancel_on_disconnect();
        stream.Generate(ToNewJob(received, received.deadline, std::move(span)), cancel);
      });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* GenerationService::WatchJob(
    grpc::CallbackServerContext* call, const grpc::ByteBuffer* request) {
  auto received = Receive<WatchJobRequest>(context_, *call, *request);
  if (received.ok() && !received->violations.empty()) {
    received = InvalidRequest(received->violations);
  }
  if (!received.ok()) return EventStream::Refuse(context_.loop, received.status());
  return EventStream::Start(context_.loop, core_, streams_, call,
                            [received = *std::move(received)](JobStream& stream) {
                              stream.Watch(received.caller.tenant, received.request.name(),
                                           received.request.after_sequence());
                            });
}

grpc::ServerUnaryReactor* GenerationService::CreateJob(grpc::CallbackServerContext* call,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
  return UnaryCall<CreateJobRequest, Job>::Start(
      context_, call, request, response,
      [core = core_, span = BeginSpan(tracer_, kAdmit, *call)](Call<CreateJobRequest> received,
                                                               Callback<Job> done) mutable {
        // The call's deadline is for the answer, not for the job.
        NewJob job = ToNewJob(received, absl::InfiniteFuture(), std::move(span));
        job.validate_only = received.request.validate_only();
        core->CreateJob(std::move(job), std::move(done));
      });
}

grpc::ServerUnaryReactor* GenerationService::GetJob(grpc::CallbackServerContext* call,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  return UnaryCall<GetJobRequest, Job>::Start(
      context_, call, request, response,
      Parsed<GetJobRequest, Job>([core = core_](const auto& received, Callback<Job> done) {
        core->GetJob(received.caller.tenant, received.request, std::move(done));
      }));
}

grpc::ServerUnaryReactor* GenerationService::ListJobs(grpc::CallbackServerContext* call,
                                                      const grpc::ByteBuffer* request,
                                                      grpc::ByteBuffer* response) {
  return UnaryCall<ListJobsRequest, ListJobsResponse>::Start(
      context_, call, request, response,
      Parsed<ListJobsRequest, ListJobsResponse>(
          [core = core_](const auto& received, Callback<ListJobsResponse> done) {
            core->ListJobs(received.caller.tenant, received.request, std::move(done));
          }));
}

grpc::ServerUnaryReactor* GenerationService::CancelJob(grpc::CallbackServerContext* call,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
  return UnaryCall<CancelJobRequest, Job>::Start(
      context_, call, request, response,
      Parsed<CancelJobRequest, Job>([core = core_](const auto& received, Callback<Job> done) {
        core->CancelJob(received.caller.tenant, received.request, std::move(done));
      }));
}

}  // namespace darkroom::server
