#ifndef DARKROOM_TESTS_INTEGRATION_JSON_TREE_H_
#define DARKROOM_TESTS_INTEGRATION_JSON_TREE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/struct.pb.h"

namespace darkroom::testing {

// A JSON object; INVALID_ARGUMENT when the text is none.
absl::StatusOr<google::protobuf::Struct> ParseJson(const std::string& text);

// What is at the end of these keys; a null value where there is no such thing.
google::protobuf::Value ValueAt(const google::protobuf::Struct& object,
                                const std::vector<std::string>& keys);
// The same, as far as it is a string; else empty.
std::string TextAt(const google::protobuf::Struct& object, const std::vector<std::string>& keys);

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_INTEGRATION_JSON_TREE_H_
