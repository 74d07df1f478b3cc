#include "server/http/failure.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/core/api_error.h"
#include "server/http/error_detail.h"
#include "server/http/json.h"

namespace darkroom::server::http {
namespace {

constexpr int kClientClosedRequest = 499;

// google/rpc/code.proto.
int HttpStatus(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kCancelled:
      return kClientClosedRequest;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

absl::StatusCode CodeOf(int http_status) {
  switch (http_status) {
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 408:
      return absl::StatusCode::kDeadlineExceeded;
    case 429:
      return absl::StatusCode::kResourceExhausted;
    case 405:
    case 501:
    case 505:
      return absl::StatusCode::kUnimplemented;
    case 503:
      return absl::StatusCode::kUnavailable;
    default:
      return http_status < 500 ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kInternal;
  }
}

std::int64_t Milliseconds(const google::rpc::RetryInfo& retry) {
  return absl::ToInt64Milliseconds(absl::Ceil(
      absl::Seconds(retry.retry_delay().seconds()) + absl::Nanoseconds(retry.retry_delay().nanos()),
      absl::Milliseconds(1)));
}

}  // namespace

Failure FailureOf(const absl::Status& status) { return {HttpStatus(status.code()), status, {}}; }

Failure Refusal(int http_status, absl::string_view reason, absl::string_view message) {
  return {http_status, ApiError(CodeOf(http_status), reason, message), {}};
}

std::string GoogleErrorShape(const Failure& failure) {
  const google::rpc::Status wire = ToRpcStatus(failure.status);
  std::vector<std::string> details;
  for (const google::protobuf::Any& detail : wire.details()) details.push_back(ToJson(detail));
  return absl::StrCat("{\"error\":{\"code\":", failure.http_status,
                      ",\"status\":", Quoted(absl::StatusCodeToString(failure.status.code())),
                      ",\"message\":", Quoted(wire.message()), ",\"details\":[",
                      absl::StrJoin(details, ","), "]}}\n");
}

Response ToResponse(const Failure& failure, const ErrorShape& shape) {
  Response response = JsonResponse(shape(failure), failure.http_status);
  if (const auto retry = FindErrorDetail<google::rpc::RetryInfo>(failure.status)) {
    const std::int64_t seconds =
        retry->retry_delay().seconds() + (retry->retry_delay().nanos() > 0 ? 1 : 0);
    response.headers.push_back({"Retry-After", absl::StrCat(seconds)});
    response.headers.push_back({"Retry-After-Ms", absl::StrCat(Milliseconds(*retry))});
  }
  for (const Field& header : failure.headers) response.headers.push_back(header);
  if (failure.http_status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer"});
  return response;
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = FindErrorDetail<google::rpc::ErrorInfo>(status);
  return info.has_value() ? info->reason() : "";
}

}  // namespace darkroom::server::http
