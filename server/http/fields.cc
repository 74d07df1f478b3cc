#include "server/http/fields.h"

#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status_macros.h"
#include "server/core/api_error.h"
#include "server/http/form.h"
#include "server/http/json.h"
#include "server/http/target.h"

namespace darkroom::server::http {
namespace {

using google::protobuf::Value;

constexpr int kUnsupportedMediaType = 415;
constexpr double kMaxExact = 9'007'199'254'740'992;  // 2^53
constexpr std::size_t kMaxName = 200;
// A value of a few bytes takes a hundred once it is read.
constexpr std::ptrdiff_t kMaxSeparators = 20'000;

// Without "[]" and "[0]".
std::string PlainName(absl::string_view name) {
  std::string plain;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const std::size_t digits = name.find_first_not_of("0123456789", at + 1);
    if (name[at] == '[' && digits != absl::string_view::npos && name[digits] == ']') {
      at = digits;
    } else {
      plain.push_back(name[at]);
    }
  }
  return plain;
}

std::string NumberText(double number) {
  if (std::floor(number) == number && std::abs(number) <= kMaxExact) {
    return absl::StrFormat("%.0f", number);
  }
  return absl::StrFormat("%.17g", number);
}

// protobuf has bounded how deep values lie in one another.
void AddJson(const std::string& name, Value& value, Fields& fields) {
  switch (value.kind_case()) {
    case Value::kStringValue:
      fields[name].push_back({std::move(*value.mutable_string_value())});
      return;
    case Value::kNumberValue:
      fields[name].push_back({NumberText(value.number_value())});
      return;
    case Value::kBoolValue:
      fields[name].push_back({value.bool_value() ? "true" : "false"});
      return;
    case Value::kListValue:
      for (Value& element : *value.mutable_list_value()->mutable_values()) {
        AddJson(name, element, fields);
      }
      return;
    case Value::kStructValue:
      for (auto& [member, inner] : *value.mutable_struct_value()->mutable_fields()) {
        if (name.size() + member.size() > kMaxName) continue;
        AddJson(absl::StrCat(name, "[", member, "]"), inner, fields);
      }
      return;
    default:
      return;
  }
}

absl::Status UnreadableBody(absl::string_view why) {
  return ApiError(absl::StatusCode::kInvalidArgument, reason::kMalformed,
                  absl::StrCat("the body ", why));
}

absl::Status CountValues(absl::string_view body, char separator) {
  if (std::count(body.begin(), body.end(), separator) <= kMaxSeparators) return absl::OkStatus();
  return UnreadableBody(absl::StrCat("has more than ", kMaxSeparators, " values"));
}

absl::Status ReadJson(absl::string_view body, Fields& fields) {
  DARKROOM_RETURN_IF_ERROR(CountValues(body, ','));
  google::protobuf::Struct object;
  DARKROOM_RETURN_IF_ERROR(FromJson(body, object));
  for (auto& [name, value] : *object.mutable_fields()) AddJson(name, value, fields);
  return absl::OkStatus();
}

absl::Status ReadUrlEncoded(absl::string_view body, Fields& fields) {
  DARKROOM_RETURN_IF_ERROR(CountValues(body, '&'));
  const auto parsed = ParseQuery(body);
  if (!parsed.has_value()) return UnreadableBody("is a form with a wrong escape");
  for (const Field& field : *parsed) fields[PlainName(field.name)].push_back({field.value});
  return absl::OkStatus();
}

absl::Status ReadMultipart(absl::string_view type, absl::string_view body, Fields& fields) {
  const auto parsed = ParseMultipart(type, body);
  if (!parsed.ok()) return parsed.status();
  for (const FormField& field : *parsed) {
    fields[PlainName(field.name)].push_back({std::string(field.value), field.is_file});
  }
  return absl::OkStatus();
}

}  // namespace

std::optional<Failure> ReadFields(const Request& request, Fields& fields) {
  if (request.body.empty()) return std::nullopt;
  const std::string type = request.Header("content-type");
  const std::string media = MediaType(type);
  absl::Status status;
  if (media == "application/json" || absl::EndsWith(media, "+json")) {
    status = ReadJson(request.body, fields);
  } else if (media == "multipart/form-data") {
    status = ReadMultipart(type, request.body, fields);
  } else if (media == "application/x-www-form-urlencoded") {
    status = ReadUrlEncoded(request.body, fields);
  } else {
    return Refusal(kUnsupportedMediaType, http_reason::kNotJson,
                   "the body's Content-Type is not application/json, multipart/form-data or "
                   "application/x-www-form-urlencoded");
  }
  if (!status.ok()) return FailureOf(status);
  return std::nullopt;
}

}  // namespace darkroom::server::http
