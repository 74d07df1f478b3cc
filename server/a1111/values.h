#ifndef DARKROOM_SERVER_A1111_VALUES_H_
#define DARKROOM_SERVER_A1111_VALUES_H_

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"

namespace darkroom::server::a1111 {

// Values of JSON. Pure.

using google::protobuf::Value;

Value Null();
Value Flag(bool flag);
Value Number(double number);
Value Text(absl::string_view text);
Value List(std::vector<Value> values = {});
Value Object(std::initializer_list<std::pair<absl::string_view, Value>> fields);

}  // namespace darkroom::server::a1111

#endif  // DARKROOM_SERVER_A1111_VALUES_H_
