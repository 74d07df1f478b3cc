#ifndef DARKROOM_SERVER_ADMISSION_NAME_CHOICE_H_
#define DARKROOM_SERVER_ADMISSION_NAME_CHOICE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace darkroom::server {

// What to tell somebody who asked for a name that is not among the known ones: the name
// (shortened), the nearest known one, if one is near, and the list. Pure.
//
//   is "dpm++ 2m", which is not a known sampler; did you mean "DPM++ 2M"? Known: "DDIM", "DPM++ 2M"
std::string DescribeUnknownName(absl::string_view kind, absl::string_view asked,
                                const std::vector<std::string>& known);

// A text from outside as it may be repeated in an error message: quoted, printable, at most 40
// bytes of it.
std::string Quoted(absl::string_view text);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_NAME_CHOICE_H_
