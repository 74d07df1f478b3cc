#include "server/grpc/event_stream.h"

#include <utility>

#include "server/grpc/status_details.h"
#include "server/grpc/stream_session.h"

namespace darkroom::server {

EventStream* EventStream::Start(Loop& loop, std::shared_ptr<GenerationCore> core,
                                OpenStreams& streams, grpc::CallbackServerContext* call,
                                Begin begin) {
  auto* reactor = new EventStream(loop);
  reactor->session_ = std::make_shared<StreamSession>(reactor, call);
  loop.Post([session = reactor->session_, core = std::move(core), &streams,
             begin = std::move(begin)]() mutable {
    session->Begin(std::move(core), streams, std::move(begin));
  });
  return reactor;
}

EventStream* EventStream::Refuse(Loop& loop, const absl::Status& status) {
  auto* reactor = new EventStream(loop);
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

void EventStream::Write(grpc::ByteBuffer bytes) {
  outgoing_.Swap(&bytes);
  StartWrite(&outgoing_);
}

void EventStream::OnWriteDone(bool ok) {
  loop_.Post([session = session_, ok] { session->OnWriteDone(ok); });
}

void EventStream::OnCancel() {
  if (session_ == nullptr) return;
  loop_.Post([session = session_] { session->OnCancel(); });
}

void EventStream::OnDone() {
  // The session may be the last to hold its stream, which is destroyed on the loop.
  if (session_ != nullptr) loop_.Post([session = std::move(session_)] {});
  delete this;
}

}  // namespace darkroom::server
