#include "tests/integration/json_tree.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

namespace darkroom::testing {

using google::protobuf::Struct;
using google::protobuf::Value;

absl::StatusOr<Struct> ParseJson(const std::string& text) {
  Struct json;
  const auto status = google::protobuf::util::JsonStringToMessage(text, &json);
  if (status.ok()) return json;
  return absl::InvalidArgumentError(absl::StrCat(status.ToString(), ": ", text.substr(0, 300)));
}

Value ValueAt(const Struct& object, const std::vector<std::string>& keys) {
  Value value;
  *value.mutable_struct_value() = object;
  for (const std::string& key : keys) {
    const auto& fields = value.struct_value().fields();
    const auto field = fields.find(key);
    if (field == fields.end()) return Value();
    Value next = field->second;
    value = std::move(next);
  }
  return value;
}

std::string TextAt(const Struct& object, const std::vector<std::string>& keys) {
  return ValueAt(object, keys).string_value();
}

}  // namespace darkroom::testing
