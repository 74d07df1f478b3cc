#ifndef DARKROOM_PROMPT_EDITS_H_
#define DARKROOM_PROMPT_EDITS_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"

namespace darkroom::prompt {

// Bytes of a text, from `begin` to before `end`.
struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// A place of a prompt that reads differently from call to call of the denoiser.
struct Edit {
  enum class Kind {
    kSwitch,  // [before:after:when], [after:when]: two options, the first perhaps empty
    kRotate,  // [a|b|...]: two options or more, each perhaps empty
  };

  Kind kind = Kind::kSwitch;
  TextRange range;  // with its brackets
  std::vector<TextRange> options;
  // Of a switch. A number written with a point is a fraction of the steps, any other counts calls.
  double when = 0;
  bool is_fraction = false;
};

// The edits of a prompt by where they begin; those inside options are among them. The grammar is
// that of AUTOMATIC1111 modules/prompt_parser.py, schedule_parser:
//
//   start: (prompt | any of []():)*          stray brackets and colons are text, only here
//   prompt: (emphasized | switch | rotate | plain)*
//   emphasized: ( prompt ) | ( prompt : prompt ) | [ prompt ]
//   switch: [ prompt : prompt : number ] | [ prompt : number ]
//   rotate: [ prompt (| prompt)+ ]
//   plain: characters but \ [ ] ( ) : | and escapes: a backslash and anything but a line feed
//
// It is ambiguous: any bracket may also be a stray one. Here whatever can be a construct is one.
// That is the answer the reference gives too, except where strays follow a construct: there its
// Earley parser picks one of the readings by the order of a hash table (lark 1.1.2, which the webui
// pins), this one among them.
//
// Nothing where the grammar has no answer, which takes a | outside a rotation or a backslash before
// nothing. Linear in time and memory, without recursion.
std::optional<std::vector<Edit>> ParseEdits(absl::string_view text);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_EDITS_H_
