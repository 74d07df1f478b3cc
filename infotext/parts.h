#ifndef DARKROOM_INFOTEXT_PARTS_H_
#define DARKROOM_INFOTEXT_PARTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "infotext/image_parameters.h"

namespace darkroom::infotext {

// The parts of an infotext, uninterpreted.
struct InfotextParts {
  std::string prompt;
  std::string negative_prompt;
  // Values without quotes. Of a key that occurs twice the last value, at the place of the first.
  // Nothing of a key without a value; a value of quotes alone is empty.
  std::vector<Pair> pairs;
};

// As AUTOMATIC1111's parse_generation_parameters does: the last line is one of pairs when there are
// at least three in it, the line that begins with "Negative prompt:" begins the negative prompt.
// Takes linear time.
InfotextParts SplitInfotext(absl::string_view text);

// Whether a pair with this key can be read back: at least two characters, the first a letter,
// digit, underscore or any beyond ASCII but whitespace, the others also spaces, hyphens or slashes.
bool IsPairKey(absl::string_view key);

}  // namespace darkroom::infotext

#endif  // DARKROOM_INFOTEXT_PARTS_H_
