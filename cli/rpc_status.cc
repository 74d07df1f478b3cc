#include "cli/rpc_status.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "cli/duration.h"
#include "google/rpc/error_details.pb.h"

namespace darkroom::cli {
namespace {

constexpr char kPayload[] = "type.googleapis.com/google.rpc.Status";

// "model=demo, known=..." of an ErrorInfo; what the message does not say already.
void AppendReason(std::string& text, const google::rpc::ErrorInfo& info) {
  absl::StrAppend(&text, "  reason: ", info.reason());
  const char* separator = " (";
  for (const auto& [key, value] : info.metadata()) {
    absl::StrAppend(&text, separator, key, ": ", value);
    separator = ", ";
  }
  absl::StrAppend(&text, info.metadata().empty() ? "\n" : ")\n");
}

void AppendDetail(std::string& text, const google::protobuf::Any& detail) {
  google::rpc::BadRequest bad_request;
  google::rpc::QuotaFailure quota;
  google::rpc::RetryInfo retry;
  google::rpc::ErrorInfo info;
  if (detail.UnpackTo(&bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      absl::StrAppend(&text, "  ", violation.field(), ": ", violation.description(), "\n");
    }
  } else if (detail.UnpackTo(&quota)) {
    for (const auto& violation : quota.violations()) {
      absl::StrAppend(&text, "  quota of ", violation.subject(), ": ", violation.description(),
                      "\n");
    }
  } else if (detail.UnpackTo(&retry)) {
    absl::StrAppend(&text, "  try again in ", absl::FormatDuration(ToDuration(retry.retry_delay())),
                    "\n");
  } else if (detail.UnpackTo(&info)) {
    AppendReason(text, info);
  }
}

bool HasBadRequest(const google::rpc::Status& status) {
  const auto& details = status.details();
  return std::any_of(details.begin(), details.end(), [](const google::protobuf::Any& detail) {
    return detail.Is<google::rpc::BadRequest>();
  });
}

}  // namespace

absl::Status FromRpcStatus(const google::rpc::Status& status) {
  absl::Status result(static_cast<absl::StatusCode>(status.code()), status.message());
  if (!result.ok()) result.SetPayload(kPayload, absl::Cord(status.SerializeAsString()));
  return result;
}

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status result;
  const auto payload = status.GetPayload(kPayload);
  if (payload.has_value() && result.ParseFromString(std::string(*payload))) return result;
  result.Clear();
  result.set_code(static_cast<int>(status.code()));
  result.set_message(status.message().data(), status.message().size());
  return result;
}

std::string ReasonOf(const google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  for (const google::protobuf::Any& detail : status.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return absl::StatusCodeToString(static_cast<absl::StatusCode>(status.code()));
}

std::string ReasonOf(const absl::Status& status) { return ReasonOf(ToRpcStatus(status)); }

std::optional<absl::Duration> RetryDelay(const absl::Status& status) {
  const google::rpc::Status rich = ToRpcStatus(status);
  for (const google::protobuf::Any& detail : rich.details()) {
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&retry)) return ToDuration(retry.retry_delay());
  }
  return std::nullopt;
}

std::string ErrorText(const google::rpc::Status& status) {
  // The message of a bad request says no more than its violations do.
  std::string text = HasBadRequest(status) ? "the request was refused" : status.message();
  if (text.empty()) text = absl::StatusCodeToString(static_cast<absl::StatusCode>(status.code()));
  text += '\n';
  for (const google::protobuf::Any& detail : status.details()) AppendDetail(text, detail);
  return text;
}

std::string ErrorText(const absl::Status& status) { return ErrorText(ToRpcStatus(status)); }

}  // namespace darkroom::cli
