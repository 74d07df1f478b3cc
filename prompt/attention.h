#ifndef DARKROOM_PROMPT_ATTENTION_H_
#define DARKROOM_PROMPT_ATTENTION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace darkroom::prompt {

struct WeightedText {
  std::string text;
  double weight = 1;

  friend bool operator==(const WeightedText&, const WeightedText&) = default;
};

struct Attention {
  std::vector<WeightedText> pieces;  // at least one
  // What the writer may have meant otherwise.
  int unclosed = 0;   // opening brackets that weigh everything to the end of the text
  int stray = 0;      // closing brackets that are text
  int malformed = 0;  // ":1.2.3)": looks like a weight and is none
};

// The weights of a text (AUTOMATIC1111 modules/prompt_parser.py, parse_prompt_attention):
//
//   (x)    1.1 times          [x]      1 / 1.1 times       nesting multiplies
//   (x:w)  w times; w is [+-]?[.0-9]+ with digits of any script and white space around it
//   \( \) \[ \] \\  the character itself; any other backslash vanishes
//   BREAK  as a word, with the white space around it: a piece "BREAK" of weight -1
//
// Neighbours of equal weight are one piece. Where the reference raises an error, on (x:.), the
// colon is text and the bracket closes as in (x).
// Time: linear but for the multiplications, at most one a pair of bracket and piece, which are done
// one by one because they round.
Attention ParseAttention(absl::string_view text);

// The piece that ends a chunk. A BREAK in brackets has another weight and is the word, as in the
// reference: "(a BREAK b)" has three pieces of text. "(a BREAK b:1)" breaks.
bool IsBreak(const WeightedText& piece);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_ATTENTION_H_
