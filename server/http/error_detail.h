#ifndef DARKROOM_SERVER_HTTP_ERROR_DETAIL_H_
#define DARKROOM_SERVER_HTTP_ERROR_DETAIL_H_

#include <optional>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "server/core/api_error.h"

namespace darkroom::server::http {

// The first of this type, one of google.rpc's, among the details of an error.
template <typename Detail>
std::optional<Detail> FindErrorDetail(const absl::Status& status) {
  const google::rpc::Status wire = ToRpcStatus(status);
  for (const google::protobuf::Any& any : wire.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_ERROR_DETAIL_H_
