#ifndef DARKROOM_SERVER_GRPC_STATUS_DETAILS_H_
#define DARKROOM_SERVER_GRPC_STATUS_DETAILS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace darkroom::server {

// An ApiError as gRPC sends it: code and message, and a google.rpc.Status with the details in the
// trailer "grpc-status-details-bin", where every gRPC library looks for them.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_GRPC_STATUS_DETAILS_H_
