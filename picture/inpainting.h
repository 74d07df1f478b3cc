#ifndef DARKROOM_PICTURE_INPAINTING_H_
#define DARKROOM_PICTURE_INPAINTING_H_

#include <optional>

#include "common/grey_image.h"
#include "common/rgb_image.h"
#include "picture/mask.h"
#include "picture/resize.h"
#include "picture/rgba.h"

namespace darkroom::picture {

// What is done with a mask before anything is made, in AUTOMATIC1111's terms.
struct MaskOptions {
  int blur = 4;           // pixels of the mask's file: BlurMask
  bool inverted = false;  // black is made anew: "Inpaint not masked"
  // Colours of the surroundings are put where the mask is: for every "masked content" but
  // "original".
  bool fills = false;
  bool soft = false;  // what is laid over the result is not known before: SoftOverlay
  // "Only masked": the mask's region alone is made, with so much around it. Nothing: the whole
  // picture is.
  std::optional<int> padding = {};
};

// What is laid over a picture that has been made.
struct Overlay {
  RgbaImage picture;  // all that is kept of the picture that was begun with; all of it when soft
  Region region;      // of it, where the made one belongs
};

// What is made anew.
struct InpaintingStart {
  RgbImage picture;  // width x height
  GreyImage mask;    // alike; 255: made anew
  Overlay overlay;
};

// Takes a picture and its mask apart as StableDiffusionProcessingImg2Img.init of AUTOMATIC1111's
// modules/processing.py does, bit for bit. `mask` has its file's grey values, white for what is
// made anew, and with "only masked" the picture's size. Nothing where the mask covers nothing.
std::optional<InpaintingStart> BeginInpainting(const RgbImage& image, const GreyImage& mask,
                                               const MaskOptions& options, ResizeMode mode,
                                               int width, int height);

// What is laid over a picture of width x height that soft inpainting has made, where `whole` is all
// of the one that was begun with: what has not changed. `changed` is of any size in these
// proportions; 255: changed. The masks of extensions-builtin/soft-inpainting's
// apply_adaptive_masks, bit for bit.
Overlay SoftOverlay(const Overlay& whole, const GreyImage& changed, int width, int height);

// modules/processing.py, apply_overlay: the made picture in its place, and what is kept over it.
RgbImage ApplyOverlay(const Overlay& overlay, const RgbImage& made);

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_INPAINTING_H_
