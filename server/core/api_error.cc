#include "server/core/api_error.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "google/rpc/error_details.pb.h"

namespace darkroom::server {
namespace {

constexpr absl::string_view kTypePrefix = "type.googleapis.com/";
constexpr absl::Duration kStoreRetry = absl::Seconds(1);
constexpr std::size_t kMaxMessage = 1000;

std::string TypeUrl(const google::protobuf::Message& detail) {
  return absl::StrCat(kTypePrefix, detail.GetDescriptor()->full_name());
}

void Attach(absl::Status& status, const google::protobuf::Message& detail) {
  status.SetPayload(TypeUrl(detail), absl::Cord(detail.SerializeAsString()));
}

bool IsApiError(const absl::Status& status) {
  return status.GetPayload(TypeUrl(google::rpc::ErrorInfo::default_instance())).has_value();
}

}  // namespace

absl::Status ApiError(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                      Metadata metadata) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain("darkroom");
  for (const auto& [key, value] : metadata) {
    (*info.mutable_metadata())[std::string(key)] = std::string(value);
  }
  absl::Status status(code, message);
  Attach(status, info);
  return status;
}

absl::Status InvalidRequest(const std::vector<FieldViolation>& violations) {
  google::rpc::BadRequest bad_request;
  std::string message;
  for (const FieldViolation& violation : violations) {
    auto* entry = bad_request.add_field_violations();
    entry->set_field(violation.field);
    entry->set_description(violation.description);
    // Messages travel in a trailer, whose size clients limit.
    if (message.size() < kMaxMessage) {
      absl::StrAppend(&message, message.empty() ? "" : "; ", violation.field, " ",
                      violation.description);
    }
  }
  absl::Status status =
      ApiError(absl::StatusCode::kInvalidArgument, reason::kInvalidRequest, message);
  Attach(status, bad_request);
  return status;
}

absl::Status WithRetry(absl::Status status, absl::Duration after) {
  google::rpc::RetryInfo retry;
  const timespec delay = absl::ToTimespec(after);
  retry.mutable_retry_delay()->set_seconds(delay.tv_sec);
  retry.mutable_retry_delay()->set_nanos(static_cast<int>(delay.tv_nsec));
  Attach(status, retry);
  return status;
}

absl::Status WithQuota(absl::Status status, absl::string_view subject,
                       absl::string_view description) {
  google::rpc::QuotaFailure quota;
  auto* violation = quota.add_violations();
  violation->set_subject(std::string(subject));
  violation->set_description(std::string(description));
  Attach(status, quota);
  return status;
}

absl::Status StoreError(const absl::Status& status) {
  if (IsApiError(status)) return status;
  if (absl::IsUnavailable(status)) {
    return WithRetry(ApiError(absl::StatusCode::kUnavailable, reason::kStoreUnavailable,
                              "the job store cannot be reached; try again"),
                     kStoreRetry);
  }
  log::Error("unexpected answer of the store", {{"status", status.ToString()}});
  return ApiError(absl::StatusCode::kInternal, reason::kInternal,
                  "the gateway could not handle an answer of its job store");
}

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(std::string(status.message()));
  status.ForEachPayload([&wire](absl::string_view type_url, const absl::Cord& payload) {
    auto* detail = wire.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(payload));
  });
  // Abseil promises no order.
  std::sort(wire.mutable_details()->begin(), wire.mutable_details()->end(),
            [](const auto& a, const auto& b) {
              const auto rank = [](const google::protobuf::Any& detail) {
                return !absl::EndsWith(detail.type_url(), ".ErrorInfo");
              };
              return std::make_pair(rank(a), absl::string_view(a.type_url())) <
                     std::make_pair(rank(b), absl::string_view(b.type_url()));
            });
  return wire;
}

absl::Status FromRpcStatus(const google::rpc::Status& wire) {
  absl::Status status(static_cast<absl::StatusCode>(wire.code()), wire.message());
  for (const google::protobuf::Any& detail : wire.details()) {
    status.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return status;
}

}  // namespace darkroom::server
