#ifndef DARKROOM_INFOTEXT_INFOTEXT_H_
#define DARKROOM_INFOTEXT_INFOTEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "infotext/image_parameters.h"

namespace darkroom::infotext {

// The text that AUTOMATIC1111 1.10 stores with a picture (its modules/processing.py) and reads back
// (modules/infotext_utils.py):
//
//   a castle
//   Negative prompt: blurry
//   Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 1, Size: 128x128, …
//
// Both prompts may have several lines. The texts are UTF-8, which is not checked.

// Pairs stand in AUTOMATIC1111's order. The second line is left out when there is no negative
// prompt; a pair when it is not known or has the default, but the schedule is always named; of
// `others` those that could not be read back. At least three pairs are needed for the line to be
// taken for one by a reader.
std::string FormatInfotext(const ImageParameters& parameters);

// Never fails: what cannot be understood stays in `others` or counts as prompt. Takes linear time.
//
// ParseInfotext(FormatInfotext(p)) is p again for a p of at least three pairs that has no value
// beyond its ranges, no known key among `others`, and prompts that were read by this, of which no
// line begins with "Negative prompt:". Lines of prompts lose the whitespace around them, and there
// are no empty lines before the first. Two things differ from the original: a missing "Emphasis" is
// always the default, and any character beyond ASCII but whitespace may be part of a key, not only
// letters and digits.
ImageParameters ParseInfotext(absl::string_view text);

// The text with these pairs behind its own, or on a line of theirs where it has none.
std::string AppendPairs(absl::string_view text, const std::vector<Pair>& pairs);

}  // namespace darkroom::infotext

#endif  // DARKROOM_INFOTEXT_INFOTEXT_H_
