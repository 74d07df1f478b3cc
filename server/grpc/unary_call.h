#ifndef DARKROOM_SERVER_GRPC_UNARY_CALL_H_
#define DARKROOM_SERVER_GRPC_UNARY_CALL_H_

#include <grpcpp/support/server_callback.h>

#include <utility>

#include "absl/functional/any_invocable.h"
#include "common/await.h"
#include "server/grpc/call.h"
#include "server/grpc/status_details.h"

namespace darkroom::server {

// The reactor of every method with one response: receives the request in the reaction, has it
// handled on the loop, and finishes with the outcome.
template <typename Request, typename Response>
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  // Runs on the loop; calls back there, exactly once.
  using Handler = absl::AnyInvocable<void(Call<Request>, Callback<Response>)>;

  static grpc::ServerUnaryReactor* Start(const CallContext& context,
                                         grpc::CallbackServerContext* call,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response, Handler handler) {
    auto* reactor = new UnaryCall(response);  // deletes itself in OnDone
    absl::StatusOr<Call<Request>> received = Receive<Request>(context, *call, *request);
    if (!received.ok()) {
      reactor->Finish(ToGrpcStatus(received.status()));
      return reactor;
    }
    context.loop.Post([reactor, received = *std::move(received),
                       handler = std::move(handler)]() mutable {
      handler(std::move(received),
              [reactor](absl::StatusOr<Response> outcome) { reactor->Answer(std::move(outcome)); });
    });
    return reactor;
  }

  void OnDone() override { delete this; }

 private:
  explicit UnaryCall(grpc::ByteBuffer* response) : response_(response) {}

  void Answer(const absl::StatusOr<Response>& outcome) {
    if (outcome.ok()) *response_ = SerializeResponse(*outcome);
    Finish(ToGrpcStatus(outcome.status()));
  }

  grpc::ByteBuffer* const response_;
};

// A handler that is called only when every field of the request could be parsed.
template <typename Request, typename Response, typename Handler>
typename UnaryCall<Request, Response>::Handler Parsed(Handler handler) {
  return [handler = std::move(handler)](Call<Request> call, Callback<Response> done) mutable {
    if (!call.violations.empty()) return done(InvalidRequest(call.violations));
    handler(call, std::move(done));
  };
}

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_UNARY_CALL_H_
