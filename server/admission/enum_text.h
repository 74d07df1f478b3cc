#ifndef DARKROOM_SERVER_ADMISSION_ENUM_TEXT_H_
#define DARKROOM_SERVER_ADMISSION_ENUM_TEXT_H_

#include <google/protobuf/descriptor.h>

#include <string>

#include "absl/strings/string_view.h"

namespace darkroom::server {

// What is wrong with a value that its type does not have. Names those that there are, without the
// first, which stands for the default. `kind` is for people: "noise source".
std::string DescribeUnknownValue(const google::protobuf::EnumDescriptor& type, int value,
                                 absl::string_view kind);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_ENUM_TEXT_H_
