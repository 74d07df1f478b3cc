#include "server/rest/message_reading.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/core/api_error.h"
#include "server/http/json.h"
#include "server/http/target.h"

namespace darkroom::server::rest {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kUnsupportedMediaType = 415;

const FieldDescriptor* FindField(const Message& message, const std::string& name) {
  const auto* fields = message.GetDescriptor();
  const FieldDescriptor* field = fields->FindFieldByName(name);
  return field != nullptr ? field : fields->FindFieldByCamelcaseName(name);
}

// What is wrong with the value; empty: nothing.
std::string SetField(const FieldDescriptor& field, const std::string& text, Message& message) {
  const auto* reflection = message.GetReflection();
  if (field.is_repeated()) return "cannot be told in a query";
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->SetString(&message, &field, text);
      return "";
    case FieldDescriptor::CPPTYPE_BOOL: {
      bool value = false;
      if (!absl::SimpleAtob(text, &value)) return "is not true or false";
      reflection->SetBool(&message, &field, value);
      return "";
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      std::int32_t value = 0;
      if (!absl::SimpleAtoi(text, &value)) return "is not a whole number of 32 bits";
      reflection->SetInt32(&message, &field, value);
      return "";
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      std::int64_t value = 0;
      if (!absl::SimpleAtoi(text, &value)) return "is not a whole number of 64 bits";
      reflection->SetInt64(&message, &field, value);
      return "";
    }
    default:
      return "cannot be told in a query";
  }
}

std::optional<http::Failure> ReadQuery(const Operation& operation, const http::Request& request,
                                       Message& message) {
  const std::optional<std::vector<http::Field>> query = http::ParseQuery(request.query);
  if (!query.has_value()) {
    return http::Refusal(400, reason::kMalformed, "the query has a percent sign that is no escape");
  }
  std::vector<FieldViolation> violations;
  for (const http::Field& part : *query) {
    const FieldDescriptor* field = FindField(message, part.name);
    const bool known = field != nullptr && field->name() != operation.resource_field;
    std::string wrong = known ? SetField(*field, part.value, message)
                              : "is not a field of this request; leave it out";
    if (!wrong.empty()) violations.push_back({part.name, std::move(wrong)});
  }
  if (violations.empty()) return std::nullopt;
  return http::FailureOf(InvalidRequest(violations));
}

std::optional<http::Failure> ReadBody(const http::Request& request, Message& message) {
  if (!request.query.empty()) {
    return http::Refusal(400, reason::kMalformed,
                         "this method reads its fields from the body; leave the query out");
  }
  if (request.body.empty()) return std::nullopt;
  const std::string type = request.Header("content-type");
  const absl::string_view plain =
      absl::StripAsciiWhitespace(absl::string_view(type).substr(0, type.find(';')));
  if (!absl::EqualsIgnoreCase(plain, "application/json")) {
    return http::Refusal(kUnsupportedMediaType, http::http_reason::kNotJson,
                         "send the body as JSON, with \"Content-Type: application/json\"");
  }
  const absl::Status status = http::FromJson(request.body, message);
  if (status.ok()) return std::nullopt;
  return http::FailureOf(status);
}

// "jobs/0a" of the pattern "/v1/jobs/{job}:cancel".
std::string ResourceName(const Operation& operation, const http::Request& request) {
  std::vector<std::string> segments;
  std::size_t named = 0;  // the last value ends the name
  for (const absl::string_view segment : http::Segments(operation.pattern)) {
    const bool is_value = absl::StartsWith(segment, "{");
    const std::size_t end = is_value ? segment.find('}') - 1 : 0;
    segments.emplace_back(is_value ? request.PathValue(segment.substr(1, end)) : segment);
    if (is_value) named = segments.size();
  }
  std::string name;
  for (std::size_t i = 1; i < named; ++i) absl::StrAppend(&name, i == 1 ? "" : "/", segments[i]);
  return name;
}

}  // namespace

std::optional<http::Failure> ReadMessage(const Operation& operation, const http::Request& request,
                                         Message& message) {
  const bool has_body = operation.max_body_bytes > 0;
  auto failure = has_body ? ReadBody(request, message) : ReadQuery(operation, request, message);
  if (failure.has_value() || operation.resource_field.empty()) return failure;
  const FieldDescriptor* field = FindField(message, operation.resource_field);
  message.GetReflection()->SetString(&message, field, ResourceName(operation, request));
  return std::nullopt;
}

}  // namespace darkroom::server::rest
