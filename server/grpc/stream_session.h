#ifndef DARKROOM_SERVER_GRPC_STREAM_SESSION_H_
#define DARKROOM_SERVER_GRPC_STREAM_SESSION_H_

#include <grpcpp/server_context.h>

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "server/core/event_sink.h"
#include "server/core/job_stream.h"
#include "server/core/open_streams.h"
#include "server/grpc/event_stream.h"

namespace darkroom::server {

// The loop's side of one EventStream: turns the core's events into writes and gRPC's reactions into
// calls of the core. Loop thread only, but for its construction.
class StreamSession : public EventSink, public std::enable_shared_from_this<StreamSession> {
 public:
  StreamSession(EventStream* reactor, grpc::CallbackServerContext* call)
      : reactor_(reactor), call_(call) {}

  void Begin(std::shared_ptr<GenerationCore> core, OpenStreams& streams, EventStream::Begin begin);
  void OnWriteDone(bool ok);
  void OnCancel();

  void Send(const darkroom::v1::JobEvent& event) override;
  void Close(const absl::Status& status) override;
  void Abort(const absl::Status& status) override;

 private:
  // The reader has gone.
  void Leave();
  // At once, or when the write that is under way has ended.
  void FinishWith(const absl::Status& status);

  EventStream* reactor_;               // null once Finish has been called
  grpc::CallbackServerContext* call_;  // lives as long as the reactor
  std::shared_ptr<JobStream> stream_;
  std::optional<absl::Status> finish_;  // owed after the present write
  bool writing_ = false;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_STREAM_SESSION_H_
