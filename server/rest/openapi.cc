#include "server/rest/openapi.h"

#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/http/json.h"
#include "server/http/target.h"
#include "server/rest/api_descriptors.h"
#include "server/rest/json_writing.h"
#include "server/rest/schemas.h"

namespace darkroom::server::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr absl::string_view kAbout =
    "Messages are those of darkroom.v1 in protobuf's JSON mapping: fields in lowerCamelCase, which "
    "may be sent in snake_case too; 64-bit integers as strings, which may be sent as numbers; "
    "bytes "
    "in base64. A field that has its default is left out of an answer. Every answer has the header "
    "X-Request-Id.";
constexpr absl::string_view kEvents =
    "Server-Sent Events: the id is the sequence, which Last-Event-ID resumes after; the event is "
    "the name of the kind, or \"interrupted\" with an error as data; otherwise the data is a "
    "JobEvent.";
constexpr absl::string_view kErrorSchema =
    R"({"type":"object","required":["error"],"properties":{"error":{"type":"object",)"
    R"("required":["code","status","message","details"],"properties":{)"
    R"("code":{"type":"integer","description":"The status of HTTP."},)"
    R"("status":{"type":"string","description":"The name of a google.rpc.Code."},)"
    R"("message":{"type":"string"},)"
    R"("details":{"type":"array","description":"Of google.rpc; the first is an ErrorInfo with the )"
    R"(reason.","items":{"type":"object","required":["@type"],"properties":{"@type":)"
    R"({"type":"string"}}}}}}}})";

// With its comments.
const Descriptor& Described(const Descriptor& message) {
  return *ApiDescriptors().FindMessageTypeByName(message.full_name());
}

std::string Parameter(absl::string_view name, absl::string_view in, std::string schema,
                      absl::string_view description = "") {
  return JsonObject()
      .AddText("name", name)
      .AddText("in", in)
      .Add("required", in == "path" ? "true" : "false")
      .AddText("description", description)
      .Add("schema", schema)
      .Text();
}

std::string Parameters(const Operation& operation, Schemas& schemas) {
  std::vector<std::string> parameters;
  for (const absl::string_view segment : http::Segments(operation.pattern)) {
    if (!absl::StartsWith(segment, "{")) continue;
    parameters.push_back(
        Parameter(segment.substr(1, segment.find('}') - 1), "path", R"({"type":"string"})"));
  }
  if (operation.answer == AnswerKind::kEvents && operation.method == "GET") {
    parameters.push_back(
        Parameter("Last-Event-ID", "header", R"({"type":"string"})", "Goes before afterSequence."));
  }
  if (operation.max_body_bytes > 0 || operation.request == nullptr) return JsonArray(parameters);
  const Descriptor& request = Described(*operation.request);
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor& field = *request.field(i);
    if (field.name() == operation.resource_field) continue;
    parameters.push_back(Parameter(field.json_name(), "query", schemas.OfField(field)));
  }
  return JsonArray(parameters);
}

std::string Content(absl::string_view type, std::string media) {
  return JsonObject().Add("content", JsonObject().Add(type, media).Text()).Text();
}

std::string Schema(const std::string& schema) { return JsonObject().Add("schema", schema).Text(); }

// What stands beside the description of an answer, as "content":{...}.
std::pair<std::string, std::string> Media(const Operation& operation, Schemas& schemas) {
  switch (operation.answer) {
    case AnswerKind::kMessage: {
      const std::string message = schemas.Refer(operation.response->full_name());
      if (operation.more_members.empty()) return {"application/json", Schema(message)};
      const std::string both = JsonArray({message, operation.more_members});
      return {"application/json", Schema(JsonObject().Add("allOf", both).Text())};
    }
    case AnswerKind::kEvents:
      return {"text/event-stream",
              JsonObject()
                  .Add("schema", R"({"type":"string"})")
                  .Add("x-event-data", schemas.Refer(operation.response->full_name()))
                  .Text()};
    case AnswerKind::kImage:
      return {"image/png", Schema(R"({"type":"string","contentMediaType":"image/png"})")};
    case AnswerKind::kDocument:
      break;
  }
  return {"application/json", Schema(R"({"type":"object"})")};
}

std::string Responses(const Operation& operation, Schemas& schemas) {
  const bool streams = operation.answer == AnswerKind::kEvents;
  const auto [type, media] = Media(operation, schemas);
  JsonObject responses;
  responses.Add("200", JsonObject()
                           .AddText("description", streams ? kEvents : "What was asked for.")
                           .Add("content", JsonObject().Add(type, media).Text())
                           .Text());
  if (streams && operation.method == "GET") {
    responses.Add("204", R"({"description":"Nothing is left to come."})");
  }
  if (operation.answer == AnswerKind::kImage) {
    responses.Add("304", R"({"description":"It is the one that If-None-Match names."})");
  }
  return responses.Add("default", R"({"$ref":"#/components/responses/Error"})").Text();
}

// Which a message without a field but the path's has not.
bool HasBody(const Operation& operation) {
  if (operation.max_body_bytes == 0 || operation.request == nullptr) return false;
  return operation.request->field_count() > (operation.resource_field.empty() ? 0 : 1);
}

std::string Describe(const Operation& operation, Schemas& schemas) {
  JsonObject text;
  text.AddText("operationId", operation.id)
      .AddText("summary", operation.summary)
      .Add("parameters", Parameters(operation, schemas));
  if (HasBody(operation)) {
    const std::string schema = Schema(schemas.Refer(operation.request->full_name()));
    text.Add("requestBody", Content("application/json", schema));
  }
  text.Add("responses", Responses(operation, schemas));
  if (operation.access.open) text.Add("security", "[]");
  return text.Text();
}

std::string Components(const Schemas& schemas) {
  std::string all = schemas.Text();
  all.pop_back();
  return JsonObject()
      .Add("schemas", absl::StrCat(all, ",\"Error\":", kErrorSchema, "}"))
      .Add("responses",
           R"({"Error":{"description":"What went wrong.","headers":{"Retry-After":{"schema":)"
           R"({"type":"integer"},"description":"Seconds, where it helps to try again."}},)"
           R"("content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}}})")
      .Add("securitySchemes", R"({"key":{"type":"http","scheme":"bearer"}})")
      .Text();
}

}  // namespace

std::string OpenApiDocument(const std::vector<Operation>& operations) {
  Schemas schemas;
  std::map<std::string, JsonObject> by_path;
  for (const Operation& operation : operations) {
    by_path[operation.pattern].Add(absl::AsciiStrToLower(operation.method),
                                   Describe(operation, schemas));
  }
  JsonObject paths;
  for (const auto& [path, methods] : by_path) paths.Add(path, methods.Text());
  return JsonObject()
      .AddText("openapi", "3.1.0")
      .Add("info", JsonObject()
                       .AddText("title", "Darkroom")
                       .AddText("version", DARKROOM_VERSION)
                       .AddText("description", kAbout)
                       .Text())
      .Add("security", R"([{"key":[]},{}])")
      .Add("paths", paths.Text())
      .Add("components", Components(schemas))
      .Text();
}

}  // namespace darkroom::server::rest
