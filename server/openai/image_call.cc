#include "server/openai/image_call.h"

#include <string>
#include <utility>

#include "common/trace/tracer.h"
#include "server/openai/error_shape.h"
#include "server/openai/image_reply.h"

namespace darkroom::server::openai {

namespace {

constexpr char kAdmission[] = "admit";
constexpr char kIdempotencyKey[] = "Idempotency-Key";

}  // namespace

void ImageCall::Start(Loop& loop, Services& services, std::shared_ptr<http::Exchange> exchange,
                      ImageRequest request) {
  auto call = std::make_shared<ImageCall>(loop, exchange, std::move(request));
  exchange->WhenGone([call] {
    if (call->exchange_ == nullptr) return;
    call->awaited_->Abandon();
    call->Leave();
  });
  call->Submit(services);
}

void ImageCall::Submit(Services& services) {
  http::Request& sent = exchange_->request();
  NewJob job;
  job.span = services.core->tracer().Start(kAdmission, trace::SpanKind::kServer,
                                           trace::ParseTraceparent(sent.Header("traceparent")));
  job.caller = sent.caller;
  job.parameters.Swap(&request_.parameters);
  job.request_id = sent.Header(kIdempotencyKey);
  idempotent_ = !job.request_id.empty();
  AwaitedJob::Handlers handlers;
  handlers.event = [self = shared_from_this()](const darkroom::v1::JobEvent& event) {
    self->OnEvent(event);
  };
  handlers.done = [self = shared_from_this()](const absl::StatusOr<EndedJob>& ended) {
    self->OnEnd(ended);
  };
  awaited_ = AwaitedJob::Start(loop_, services.core, services.streams, std::move(job),
                               std::move(handlers));
}

void ImageCall::OnEvent(const darkroom::v1::JobEvent& event) {
  if (event.has_accepted()) {
    accepted_ = event.accepted().job();
    // Until here, what is wrong has a status of HTTP.
    if (request_.stream) events_ = http::EventWriter::Start(loop_, exchange_);
  }
  if (event.has_preview() && events_ != nullptr) OnPreview(event.preview());
}

void ImageCall::OnPreview(const darkroom::v1::JobPreview& preview) {
  int& sent = partial_images_[preview.image_index()];
  if (sent == request_.partial_images) return;
  events_->Write(PartialImageEvent(request_, accepted_, preview, sent, loop_.clock().Now()));
  ++sent;
}

void ImageCall::OnEnd(const absl::StatusOr<EndedJob>& ended) {
  const absl::Status status = ended.ok() ? ended->Outcome() : ended.status();
  if (!status.ok()) return Fail(status);
  if (events_ == nullptr) {
    exchange_->Answer(http::JsonResponse(ImagesReply(request_, *ended)));
  } else {
    for (const AwaitedPicture& picture : ended->pictures) {
      events_->Write(CompletedEvent(request_, ended->job, picture));
    }
    events_->End();
  }
  Leave();
}

void ImageCall::Fail(const absl::Status& status) {
  if (events_ == nullptr) {
    const bool queued = !accepted_.name().empty();
    exchange_->Fail(WithRetryAdvice(http::FailureOf(status), queued, idempotent_));
  } else {
    events_->Write(ErrorEvent(http::FailureOf(status)));
    events_->End();
  }
  Leave();
}

void ImageCall::Leave() {
  // What the exchange holds is let go of later: it may be what calls.
  loop_.Post([exchange = std::move(exchange_)] { exchange->WhenGone(nullptr); });
  exchange_ = nullptr;
  awaited_ = nullptr;
  events_ = nullptr;
}

}  // namespace darkroom::server::openai
