#include "server/a1111/values.h"

namespace darkroom::server::a1111 {

Value Null() {
  Value value;
  value.set_null_value(google::protobuf::NULL_VALUE);
  return value;
}

Value Flag(bool flag) {
  Value value;
  value.set_bool_value(flag);
  return value;
}

Value Number(double number) {
  Value value;
  value.set_number_value(number);
  return value;
}

Value Text(absl::string_view text) {
  Value value;
  value.set_string_value(std::string(text));
  return value;
}

Value List(std::vector<Value> values) {
  Value list;
  list.mutable_list_value();
  for (Value& value : values) list.mutable_list_value()->add_values()->Swap(&value);
  return list;
}

Value Object(std::initializer_list<std::pair<absl::string_view, Value>> fields) {
  Value object;
  auto& map = *object.mutable_struct_value()->mutable_fields();
  for (const auto& [name, value] : fields) map[std::string(name)] = value;
  return object;
}

}  // namespace darkroom::server::a1111
