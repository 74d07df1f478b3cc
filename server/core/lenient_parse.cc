#include "server/core/lenient_parse.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/unknown_field_set.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"

namespace darkroom::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

constexpr int kMaxDepth = 16;

// Empties every string of `fields` that is not UTF-8. False when a nested message is malformed.
bool Clean(const Descriptor& type, const std::string& path, int depth, UnknownFieldSet& fields,
           std::vector<FieldViolation>& violations) {
  if (depth > kMaxDepth) return false;
  for (int i = 0; i < fields.field_count(); ++i) {
    UnknownField& field = *fields.mutable_field(i);
    const FieldDescriptor* known = type.FindFieldByNumber(field.number());
    if (known == nullptr || field.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
    const std::string name = path.empty() ? known->name() : absl::StrCat(path, ".", known->name());
    if (known->type() == FieldDescriptor::TYPE_STRING && !IsValidUtf8(field.length_delimited())) {
      violations.push_back({name, "is not valid UTF-8; send text encoded as UTF-8"});
      field.set_length_delimited("");
    } else if (known->type() == FieldDescriptor::TYPE_MESSAGE) {
      UnknownFieldSet nested;
      if (!nested.ParseFromString(field.length_delimited()) ||
          !Clean(*known->message_type(), name, depth + 1, nested, violations)) {
        return false;
      }
      std::string cleaned;
      nested.SerializeToString(&cleaned);
      field.set_length_delimited(cleaned);
    }
  }
  return true;
}

}  // namespace

absl::StatusOr<std::vector<FieldViolation>> ParseLeniently(absl::string_view bytes,
                                                           google::protobuf::Message& message) {
  std::vector<FieldViolation> violations;
  UnknownFieldSet fields;
  std::string cleaned;
  if (!fields.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !Clean(*message.GetDescriptor(), "", 0, fields, violations) ||
      !fields.SerializeToString(&cleaned) || !message.ParseFromString(cleaned)) {
    return ApiError(absl::StatusCode::kInvalidArgument, reason::kMalformed,
                    absl::StrCat("the request is not a valid ", message.GetTypeName(), " message"));
  }
  return violations;
}

}  // namespace darkroom::server
