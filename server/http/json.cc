#include "server/http/json.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wrappers.pb.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/log.h"
#include "server/core/api_error.h"

namespace darkroom::server::http {
namespace {

// A value that is wrong may be a picture.
constexpr std::size_t kMaxComplaint = 200;

constexpr absl::string_view kUnknown = ": Cannot find field.";

// protobuf complains as in "(parameters.mask) blurr: Cannot find field." and
// "(parameters.width): invalid value "x" for type TYPE_INT32"; without a path it is no JSON.
absl::Status Complain(absl::string_view complaint) {
  complaint = complaint.substr(0, complaint.find('\n'));
  absl::string_view path;
  if (absl::StartsWith(complaint, "(")) {
    const std::size_t end = complaint.find(')');
    path = complaint.substr(1, end - 1);
    complaint = complaint.substr(std::min(end, complaint.size() - 1) + 1);
  }
  if (absl::EndsWith(complaint, kUnknown)) {
    const absl::string_view name = absl::StripPrefix(absl::StripSuffix(complaint, kUnknown), " ");
    return InvalidRequest({{absl::StrCat(path, path.empty() ? "" : ".", name),
                            "is not a field of this message; leave it out"}});
  }
  const std::string rest(absl::StripPrefix(complaint, ": ").substr(0, kMaxComplaint));
  if (!path.empty()) return InvalidRequest({{std::string(path), absl::StrCat("has an ", rest)}});
  return ApiError(absl::StatusCode::kInvalidArgument, reason::kMalformed,
                  absl::StrCat("the body is not the JSON object that is expected: ", rest));
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message) {
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json);
  if (status.ok()) return json;
  log::Error("a message has no JSON", {{"type", message.GetTypeName()}});
  return "null";
}

absl::Status FromJson(absl::string_view json, google::protobuf::Message& message) {
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), &message);
  if (status.ok()) return absl::OkStatus();
  const auto complaint = status.message();
  return Complain({complaint.data(), complaint.size()});
}

std::string Quoted(absl::string_view text) {
  google::protobuf::StringValue value;
  value.set_value(std::string(text));
  return ToJson(value);
}

}  // namespace darkroom::server::http
