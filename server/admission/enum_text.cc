#include "server/admission/enum_text.h"

#include "absl/strings/str_cat.h"

namespace darkroom::server {

std::string DescribeUnknownValue(const google::protobuf::EnumDescriptor& type, int value,
                                 absl::string_view kind) {
  std::string text = absl::StrCat("is ", value, ", which is not a known ", kind, "; known:");
  for (int i = 1; i < type.value_count(); ++i) {
    absl::StrAppend(&text, i == 1 ? " " : ", ", type.value(i)->name(), " (",
                    type.value(i)->number(), ")");
  }
  return text;
}

}  // namespace darkroom::server
