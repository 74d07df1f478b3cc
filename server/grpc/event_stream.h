#ifndef DARKROOM_SERVER_GRPC_EVENT_STREAM_H_
#define DARKROOM_SERVER_GRPC_EVENT_STREAM_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/core/generation_core.h"
#include "server/core/job_stream.h"
#include "server/core/loop.h"
#include "server/core/open_streams.h"

namespace darkroom::server {

class StreamSession;

// The reactor of a stream of job events. Reactions only post to the loop, where the StreamSession
// decides; that starts every write (one at a time) and the one Finish. The session knows the
// reactor until it has called Finish, and gRPC calls OnDone, which deletes the reactor, only after
// that.
class EventStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  using Begin = absl::AnyInvocable<void(JobStream&)>;

  // `begin` runs on the loop and starts the stream. `core` and `streams` are touched there only and
  // outlive the server.
  static EventStream* Start(Loop& loop, std::shared_ptr<GenerationCore> core, OpenStreams& streams,
                            grpc::CallbackServerContext* call, Begin begin);
  // A call that fails before anything has begun.
  static EventStream* Refuse(Loop& loop, const absl::Status& status);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  friend class StreamSession;

  explicit EventStream(Loop& loop) : loop_(loop) {}

  void Write(grpc::ByteBuffer bytes);

  Loop& loop_;
  grpc::ByteBuffer outgoing_;               // until OnWriteDone
  std::shared_ptr<StreamSession> session_;  // null for a refused call
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_EVENT_STREAM_H_
