#ifndef DARKROOM_NAMING_IMG2IMG_STEPS_H_
#define DARKROOM_NAMING_IMG2IMG_STEPS_H_

#include <algorithm>

namespace darkroom::naming {

// How far back into a schedule of `steps` a picture is noised that keeps 1 − strength of itself:
// AUTOMATIC1111's t_enc (setup_img2img_steps). A sampler over sigmas then makes one step more.
inline int EncodedSteps(double strength, int steps) {
  return static_cast<int>(std::min(strength, 0.999) * steps);
}

}  // namespace darkroom::naming

#endif  // DARKROOM_NAMING_IMG2IMG_STEPS_H_
