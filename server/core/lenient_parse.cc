#include "server/core/lenient_parse.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/unknown_field_set.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace darkroom::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

constexpr int kMaxDepth = 16;

// Well-formed as of table 3-7 of the Unicode standard: no overlong forms, no surrogates.
bool IsUtf8(absl::string_view text) {
  const auto byte = [&text](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
  };
  for (std::size_t at = 0; at < text.size();) {
    const unsigned lead = byte(at);
    if (lead < 0x80) {
      ++at;
      continue;
    }
    const int trail = lead >= 0xC2 && lead <= 0xDF   ? 1
                      : lead >= 0xE0 && lead <= 0xEF ? 2
                      : lead >= 0xF0 && lead <= 0xF4 ? 3
                                                     : 0;
    if (trail == 0) return false;
    const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(at + 1) < low || byte(at + 1) > high) return false;
    for (int i = 2; i <= trail; ++i) {
      if (byte(at + i) < 0x80 || byte(at + i) > 0xBF) return false;
    }
    at += trail + 1;
  }
  return true;
}

// Empties every string of `fields` that is not UTF-8. False when a nested message is malformed.
bool Clean(const Descriptor& type, const std::string& path, int depth, UnknownFieldSet& fields,
           std::vector<FieldViolation>& violations) {
  if (depth > kMaxDepth) return false;
  for (int i = 0; i < fields.field_count(); ++i) {
    UnknownField& field = *fields.mutable_field(i);
    const FieldDescriptor* known = type.FindFieldByNumber(field.number());
    if (known == nullptr || field.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
    const std::string name = path.empty() ? known->name() : absl::StrCat(path, ".", known->name());
    if (known->type() == FieldDescriptor::TYPE_STRING && !IsUtf8(field.length_delimited())) {
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
