#ifndef DARKROOM_SERVER_GRPC_CALL_H_
#define DARKROOM_SERVER_GRPC_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/status_macros.h"
#include "common/trace/tracer.h"
#include "google/protobuf/message.h"
#include "server/auth/authenticator.h"
#include "server/core/api_error.h"
#include "server/core/caller.h"
#include "server/core/loop.h"

namespace darkroom::server {

// What every call needs; outlives the server.
struct CallContext {
  Loop& loop;
  const Authenticator& authenticator;
  // What a key must allow; unspecified: any will do.
  darkroom::v1::KeyScope scope = darkroom::v1::KEY_SCOPE_UNSPECIFIED;
};

// A call as it came in.
template <typename Request>
struct Call {
  Caller caller;
  absl::Time deadline;  // InfiniteFuture when there is none
  Request request;
  std::vector<FieldViolation> violations;  // fields that could not even be parsed; left empty
};

// PERMISSION_DENIED for one whose key lacks the scope.
absl::StatusOr<Caller> CallerOf(const CallContext& context,
                                const grpc::CallbackServerContext& call);
absl::Time DeadlineOf(const grpc::CallbackServerContext& call);
// Begins the span of what a call asks for, in the trace that its traceparent names, and has the
// caller told as the same header of the answer. No traceparent, and several, begin a trace.
trace::Span BeginSpan(const trace::Tracer& tracer, absl::string_view name,
                      grpc::CallbackServerContext& call);

// Methods take their requests as bytes, because protobuf refuses a whole message for one string
// that is not UTF-8: see lenient_parse.h.
absl::StatusOr<std::vector<FieldViolation>> ParseRequest(const grpc::ByteBuffer& bytes,
                                                         google::protobuf::Message& request);
grpc::ByteBuffer SerializeResponse(const google::protobuf::Message& response);

// The prologue of every method: who calls, and what for. Runs in the reaction.
template <typename Request>
absl::StatusOr<Call<Request>> Receive(const CallContext& context,
                                      const grpc::CallbackServerContext& call,
                                      const grpc::ByteBuffer& bytes) {
  Call<Request> received;
  DARKROOM_ASSIGN_OR_RETURN(received.caller, CallerOf(context, call));
  received.deadline = DeadlineOf(call);
  DARKROOM_ASSIGN_OR_RETURN(received.violations, ParseRequest(bytes, received.request));
  return received;
}

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_CALL_H_
