#ifndef DARKROOM_PROMPT_COMMENTS_H_
#define DARKROOM_PROMPT_COMMENTS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace darkroom::prompt {

// Takes out comments, which go from a # to the end of its line; a line feed stays for each, one for
// both ends of a line that is nothing else (AUTOMATIC1111 modules/processing_scripts/comments.py).
std::string StripComments(absl::string_view text);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_COMMENTS_H_
