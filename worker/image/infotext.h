#ifndef DARKROOM_WORKER_IMAGE_INFOTEXT_H_
#define DARKROOM_WORKER_IMAGE_INFOTEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace darkroom::worker {

// What one image was made from, in AUTOMATIC1111's terms.
struct ImageFacts {
  std::string prompt;
  std::string negative_prompt;
  int steps = 0;
  std::string sampler;
  std::string schedule;
  double guidance_scale = 0;
  std::int64_t seed = 0;  // of this image
  int width = 0;
  int height = 0;
  std::string model_hash;
  std::string model;
  int clip_skip = 1;
  std::string noise_source;  // "NV" or "CPU"
  std::string version;       // "darkroom v0.1.0"
};

// The text that AUTOMATIC1111 stores with a picture and reads back (its modules/infotext_utils.py):
//
//   a castle
//   Negative prompt: blurry
//   Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 1, Size: 128x128, …
//
// The second line is left out when there is no negative prompt, "Clip skip" when it is 1. Unlike
// AUTOMATIC1111, which leaves out its default, the source of the noise is always named.
std::string FormatInfotext(const ImageFacts& facts);

// A value that holds a comma, a colon, a quote or a line break becomes a JSON string; others stay.
std::string QuoteInfotextValue(absl::string_view value);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_IMAGE_INFOTEXT_H_
