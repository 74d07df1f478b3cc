#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/trace/tracer.h"
#include "darkroom/v1/generation_service.pb.h"
#include "server/core/api_error.h"
#include "server/core/job_image.h"
#include "server/http/entity_tag.h"
#include "server/rest/event_session.h"
#include "server/rest/rest_api.h"

namespace darkroom::server::rest {
namespace {

using darkroom::v1::CreateJobRequest;
using darkroom::v1::GenerateImageRequest;
using darkroom::v1::Job;
using darkroom::v1::WatchJobRequest;
using ExchangePointer = std::shared_ptr<http::Exchange>;

// Two pictures, as gRPC takes them in 16 MiB, in base64.
constexpr std::size_t kMaxRequestBytes = std::size_t{22} << 20;
constexpr char kAdmit[] = "admit";
constexpr char kLastEventId[] = "Last-Event-ID";

// In the trace that the caller's traceparent names.
template <typename Request>
NewJob ToNewJob(const GenerationCore& core, Call<Request>& call) {
  NewJob job;
  job.span = core.tracer().Start(kAdmit, trace::SpanKind::kServer,
                                 trace::ParseTraceparent(call.traceparent));
  job.caller = std::move(call.caller);
  job.parameters.Swap(call.request.mutable_parameters());
  job.request_id = call.request.request_id();
  return job;
}

// What browsers send when they connect again counts more than what the page asked for at first.
bool TakeLastEventId(const http::Request& request, WatchJobRequest& watch) {
  const std::string id = request.Header(kLastEventId);
  std::int64_t sequence = 0;
  if (id.empty()) return true;
  if (!absl::SimpleAtoi(id, &sequence)) return false;
  watch.set_after_sequence(sequence);
  return true;
}

void Watch(Loop& loop, Services& services, const ExchangePointer& exchange,
           Call<WatchJobRequest> call) {
  if (!TakeLastEventId(exchange->request(), call.request)) {
    return exchange->Fail(http::FailureOf(InvalidRequest(
        {{kLastEventId, "is not the id of an event of this stream; leave it out"}})));
  }
  EventSession::Start(
      loop, exchange, services.core, services.streams, [call = std::move(call)](JobStream& stream) {
        stream.Watch(call.caller.tenant, call.request.name(), call.request.after_sequence());
      });
}

void Generate(Loop& loop, Services& services, const ExchangePointer& exchange,
              Call<GenerateImageRequest> call) {
  EventSession::Start(loop, exchange, services.core, services.streams,
                      [core = services.core, call = std::move(call)](JobStream& stream) mutable {
                        const bool cancel = call.request.cancel_on_disconnect();
                        stream.Generate(ToNewJob(*core, call), cancel);
                      });
}

// A browser that has it asks whether it is still the one: another worker may have made the image
// again before the job has ended.
void AnswerWithImage(const ExchangePointer& exchange,
                     const std::shared_ptr<const StoredImage>& image) {
  const std::string tag = absl::StrCat("\"", image->sha256, "\"");
  http::Response response;
  response.headers = {{"ETag", tag}, {"Cache-Control", "private, no-cache"}};
  if (http::NamesTag(exchange->request().Header("if-none-match"), tag)) {
    response.status = 304;
    return exchange->Answer(std::move(response));
  }
  response.headers.push_back({"Content-Type", "image/png"});
  response.body = std::shared_ptr<const std::string>(image, &image->bytes);
  exchange->Answer(std::move(response));
}

void GetImage(Services& services, const ExchangePointer& exchange) {
  const http::Request& request = exchange->request();
  const std::string name =
      absl::StrCat("jobs/", request.PathValue("job"), "/images/", request.PathValue("image"));
  ReadJobImage(*services.core, request.caller.tenant, name,
               [exchange](absl::StatusOr<std::shared_ptr<const StoredImage>> image) {
                 if (!image.ok()) return exchange->Fail(http::FailureOf(image.status()));
                 AnswerWithImage(exchange, *image);
               });
}

void AddUnaryOperations(ApiBuilder& api, GenerationCore& core) {
  api.Unary<CreateJobRequest, Job>({.method = "POST",
                                    .pattern = "/v1/jobs",
                                    .id = "CreateJob",
                                    .summary = "Creates a job and answers at once",
                                    .max_body_bytes = kMaxRequestBytes},
                                   [&core](Call<CreateJobRequest> call, Callback<Job> done) {
                                     NewJob job = ToNewJob(core, call);
                                     job.validate_only = call.request.validate_only();
                                     core.CreateJob(std::move(job), std::move(done));
                                   });
  api.Method({.method = "GET",
              .pattern = "/v1/jobs",
              .id = "ListJobs",
              .summary = "Lists the caller's jobs, newest first"},
             core, &GenerationCore::ListJobs);
  api.Method({.method = "GET",
              .pattern = "/v1/jobs/{job}",
              .id = "GetJob",
              .summary = "Returns a job as it stands",
              .resource_field = "name"},
             core, &GenerationCore::GetJob);
  api.Method({.method = "POST",
              .pattern = "/v1/jobs/{job}:cancel",
              .id = "CancelJob",
              .summary = "Cancels a job",
              .resource_field = "name",
              .max_body_bytes = kMaxEmptyRequestBytes},
             core, &GenerationCore::CancelJob);
}

}  // namespace

void AddJobOperations(ApiBuilder& api, Loop& loop, Services& services) {
  AddUnaryOperations(api, *services.core);
  api.Read<WatchJobRequest>(
      {.method = "GET",
       .pattern = "/v1/jobs/{job}/events",
       .id = "WatchJob",
       .summary = "Streams a job's events, from the past first, until it is finished",
       .resource_field = "name",
       .answer = AnswerKind::kEvents,
       .response = darkroom::v1::JobEvent::descriptor()},
      [&loop, &services](const ExchangePointer& exchange, Call<WatchJobRequest> call) {
        Watch(loop, services, exchange, std::move(call));
      });
  api.Read<GenerateImageRequest>(
      {.method = "POST",
       .pattern = "/v1/images:generate",
       .id = "GenerateImage",
       .summary = "Creates a job and streams its events",
       .max_body_bytes = kMaxRequestBytes,
       .answer = AnswerKind::kEvents,
       .response = darkroom::v1::JobEvent::descriptor()},
      [&loop, &services](const ExchangePointer& exchange, Call<GenerateImageRequest> call) {
        Generate(loop, services, exchange, std::move(call));
      });
  api.Plain({.method = "GET",
             .pattern = "/v1/jobs/{job}/images/{image}",
             .id = "GetJobImage",
             .summary = "Returns a finished image, numbered from 0, as a PNG file",
             .answer = AnswerKind::kImage},
            [&services](const ExchangePointer& exchange) { GetImage(services, exchange); });
}

}  // namespace darkroom::server::rest
