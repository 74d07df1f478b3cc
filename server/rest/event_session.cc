#include "server/rest/event_session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "server/http/json.h"

namespace darkroom::server::rest {
namespace {

using darkroom::v1::JobEvent;

// After which browsers connect again.
constexpr absl::string_view kOpening = "retry: 1000\n\n";
constexpr absl::string_view kComment = ":\n\n";

// "queued".
std::string KindOf(const JobEvent& event) {
  const auto* kind = JobEvent::descriptor()->FindOneofByName("kind");
  const auto* field = JobEvent::GetReflection()->GetOneofFieldDescriptor(event, kind);
  return field == nullptr ? "unknown" : field->name();
}

// All of an image but its last part: the event comes when that does.
bool IsLeftOut(const JobEvent& event) {
  return event.has_image_chunk() && !event.image_chunk().last();
}

std::string FormatInterruption(const absl::Status& status) {
  const std::string error = http::GoogleErrorShape(http::FailureOf(status));
  return absl::StrCat("event: interrupted\ndata: ", absl::StripSuffix(error, "\n"), "\n\n");
}

}  // namespace

std::string FormatEvent(const JobEvent& event) {
  std::string json;
  if (event.has_image_chunk()) {
    JobEvent shown = event;
    shown.mutable_image_chunk()->clear_data();
    shown.mutable_image_chunk()->clear_offset();
    json = http::ToJson(shown);
  } else {
    json = http::ToJson(event);
  }
  return absl::StrCat("id: ", event.sequence(), "\nevent: ", KindOf(event), "\ndata: ", json,
                      "\n\n");
}

void EventSession::Start(Loop& loop, std::shared_ptr<http::Exchange> exchange,
                         std::shared_ptr<GenerationCore> core, OpenStreams& streams, Begin begin) {
  auto session = std::make_shared<EventSession>(loop, std::move(exchange));
  session->exchange_->WhenGone([session] { session->OnGone(); });
  const auto stream = std::make_shared<JobStream>(std::move(core), *session);
  session->stream_ = stream;
  begin(*stream);
  streams.Add(stream);
}

void EventSession::Open() {
  opened_ = true;
  http::Response head;
  head.headers = {{"Content-Type", "text/event-stream"},
                  // So that nginx passes events on as they come.
                  {"X-Accel-Buffering", "no"}};
  exchange_->Begin(std::move(head));
  Write(std::string(kOpening));
  KeepAlive();
}

void EventSession::Send(const JobEvent& event) {
  if (!IsLeftOut(event)) {
    sending_ = true;
    return Write(FormatEvent(event));
  }
  loop_.Post([self = shared_from_this()] {
    if (self->exchange_ != nullptr) self->stream_->OnSent();
  });
}

void EventSession::Write(std::string text) {
  if (writing_) {
    waiting_.append(text);
    return;
  }
  writing_ = true;
  exchange_->Write(std::move(text), [self = shared_from_this()] { self->OnWritten(); });
}

void EventSession::OnWritten() {
  writing_ = false;
  if (exchange_ == nullptr) return;
  if (!waiting_.empty()) return Write(std::exchange(waiting_, {}));
  if (ending_) {
    exchange_->End();
    return Leave();
  }
  if (std::exchange(sending_, false)) stream_->OnSent();
}

void EventSession::KeepAlive() {
  loop_.PostAfter(kKeepAlive, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr || self->exchange_ == nullptr) return;
    if (!self->writing_) self->Write(std::string(kComment));
    self->KeepAlive();
  });
}

void EventSession::Close(const absl::Status& status) {
  if (!opened_) {
    if (status.ok()) {
      exchange_->Answer({204});
    } else {
      exchange_->Fail(http::FailureOf(status));
    }
    return Leave();
  }
  ending_ = true;
  sending_ = false;
  if (!status.ok()) return Write(FormatInterruption(status));
  if (writing_) return;
  exchange_->End();
  Leave();
}

void EventSession::Abort(const absl::Status&) {
  exchange_->Break();
  Leave();
}

void EventSession::OnGone() {
  if (exchange_ == nullptr) return;
  stream_->OnGone();
  Leave();
}

void EventSession::Leave() {
  // Until nobody is in it any more: the stream may be the one that calls, and what has held the
  // session so far is what the exchange lets go of.
  loop_.Post([self = shared_from_this()] { self->stream_ = nullptr; });
  exchange_->WhenGone(nullptr);
  exchange_ = nullptr;
}

}  // namespace darkroom::server::rest
