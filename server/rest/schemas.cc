#include "server/rest/schemas.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/http/json.h"
#include "server/rest/api_descriptors.h"
#include "server/rest/json_writing.h"

namespace darkroom::server::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// Of messages that have a JSON form of their own; empty of others.
std::string OfWellKnown(const std::string& full_name) {
  if (full_name == "google.protobuf.Timestamp") return R"("type":"string","format":"date-time")";
  if (full_name == "google.protobuf.Duration") {
    return R"("type":"string","pattern":"^-?[0-9]+(\\.[0-9]+)?s$")";
  }
  if (full_name == "google.protobuf.Any") {
    return R"("type":"object","required":["@type"],"properties":{"@type":{"type":"string"}})";
  }
  return "";
}

std::string Reference(absl::string_view name) {
  return JsonObject().AddText("$ref", absl::StrCat("#/components/schemas/", name)).Text();
}

// "Job" of darkroom.v1.Job; of others, "google.rpc.Status", all of it.
std::string SchemaName(absl::string_view full_name) {
  absl::ConsumePrefix(&full_name, "darkroom.v1.");
  return std::string(full_name);
}

}  // namespace

std::string Schemas::Refer(absl::string_view full_name) {
  return ReferMessage(*ApiDescriptors().FindMessageTypeByName(std::string(full_name)));
}

std::string Schemas::ReferMessage(const Descriptor& message) {
  const std::string name = SchemaName(message.full_name());
  const bool is_new = schemas_.try_emplace(name).second;
  if (!is_new) return Reference(name);
  JsonObject properties;
  for (int i = 0; i < message.field_count(); ++i) {
    properties.Add(message.field(i)->json_name(), OfField(*message.field(i)));
  }
  schemas_[name] = JsonObject()
                       .AddText("type", "object")
                       .AddText("description", CommentOf(message))
                       .Add("properties", properties.Text())
                       .Text();
  return Reference(name);
}

std::string Schemas::ReferEnum(const EnumDescriptor& type) {
  const std::string name = SchemaName(type.full_name());
  std::vector<std::string> values;
  std::string meanings = CommentOf(type);
  for (int i = 0; i < type.value_count(); ++i) {
    values.push_back(http::Quoted(type.value(i)->name()));
    absl::StrAppend(&meanings, " ", type.value(i)->name(), ": ", CommentOf(*type.value(i)));
  }
  schemas_[name] = JsonObject()
                       .AddText("type", "string")
                       .AddText("description", meanings)
                       .Add("enum", JsonArray(values))
                       .Text();
  return Reference(name);
}

std::string Schemas::OfValue(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES
                 ? R"({"type":"string","contentEncoding":"base64"})"
                 : R"({"type":"string"})";
    case FieldDescriptor::CPPTYPE_BOOL:
      return R"({"type":"boolean"})";
    case FieldDescriptor::CPPTYPE_INT32:
      return R"({"type":"integer","format":"int32"})";
    case FieldDescriptor::CPPTYPE_UINT32:
      return R"({"type":"integer","minimum":0})";
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT64:
      return R"({"type":["string","integer"],"format":"int64"})";
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return R"({"type":"number"})";
    case FieldDescriptor::CPPTYPE_ENUM:
      return ReferEnum(*field.enum_type());
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const std::string known = OfWellKnown(field.message_type()->full_name());
      return known.empty() ? ReferMessage(*field.message_type()) : absl::StrCat("{", known, "}");
    }
  }
  return "{}";
}

std::string Schemas::OfField(const FieldDescriptor& field) {
  std::string schema = OfValue(field);
  if (field.is_repeated()) schema = absl::StrCat(R"({"type":"array","items":)", schema, "}");
  const std::string comment = CommentOf(field);
  if (comment.empty()) return schema;
  schema.pop_back();
  return absl::StrCat(schema, ",\"description\":", http::Quoted(comment), "}");
}

std::string Schemas::Text() const {
  JsonObject all;
  for (const auto& [name, schema] : schemas_) all.Add(name, schema);
  return all.Text();
}

}  // namespace darkroom::server::rest
