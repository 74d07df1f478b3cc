#include "server/grpc/stream_session.h"

#include <utility>

#include "server/core/api_error.h"
#include "server/grpc/call.h"
#include "server/grpc/status_details.h"

namespace darkroom::server {

void StreamSession::Begin(std::shared_ptr<GenerationCore> core, OpenStreams& streams,
                          EventStream::Begin begin) {
  stream_ = std::make_shared<JobStream>(std::move(core), *this);
  begin(*stream_);
  streams.Add(stream_);
}

void StreamSession::Send(const darkroom::v1::JobEvent& event) {
  writing_ = true;
  reactor_->Write(SerializeResponse(event));
}

void StreamSession::Close(const absl::Status& status) { FinishWith(status); }

void StreamSession::Abort(const absl::Status& status) {
  // A Finish would queue behind the write that does not end; cancelling ends that.
  call_->TryCancel();
  FinishWith(status);
}

void StreamSession::OnWriteDone(bool ok) {
  writing_ = false;
  if (finish_.has_value()) return FinishWith(*finish_);
  if (reactor_ == nullptr) return;
  if (ok) {
    stream_->OnSent();
  } else {
    Leave();
  }
}

void StreamSession::OnCancel() {
  if (reactor_ != nullptr && !finish_.has_value()) Leave();
}

void StreamSession::Leave() {
  stream_->OnGone();
  FinishWith(ApiError(absl::StatusCode::kCancelled, reason::kCancelled, "the call was cancelled"));
}

void StreamSession::FinishWith(const absl::Status& status) {
  if (writing_) {
    finish_ = status;
    return;
  }
  std::exchange(reactor_, nullptr)->Finish(ToGrpcStatus(status));
}

}  // namespace darkroom::server
