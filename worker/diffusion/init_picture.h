#ifndef DARKROOM_WORKER_DIFFUSION_INIT_PICTURE_H_
#define DARKROOM_WORKER_DIFFUSION_INIT_PICTURE_H_

#include <optional>

#include "common/grey_image.h"
#include "common/rgb_image.h"

namespace darkroom::diffusion {

// What the masked part of a latent begins with.
enum class MaskedLatent {
  kPicture,  // the picture's own
  kNoise,    // noise of the image's seed in place of a picture: "latent noise"
  kZero,     // "latent nothing"
};

// How what is made and what stays are blended along the greys of a mask: AUTOMATIC1111's "Soft
// inpainting" (extensions-builtin/soft-inpainting), in the order and with the defaults of its page.
struct SoftInpainting {
  double schedule_bias = 1;              // 0 to 8
  double preservation_strength = 0.5;    // 0 to 8
  double transition_contrast_boost = 4;  // 1 to 32
  double mask_influence = 0;             // 0 to 1
  double difference_threshold = 0.5;     // 0 to 8
  double difference_contrast = 2;        // 0 to 8
};

// The part of a picture that is made anew.
struct InitMask {
  GreyImage mask = {};  // of the request's width and height; 255: made anew
  MaskedLatent begins_with = MaskedLatent::kPicture;
  std::optional<SoftInpainting> soft = {};  // nothing: from the middle grey on it is made anew
};

// A picture to begin with in place of noise alone.
struct InitPicture {
  RgbImage picture = {};              // of the request's width and height
  double strength = 1;                // above 0, at most 1: how much of it is given up to noise
  std::optional<InitMask> mask = {};  // nothing: all of it is made anew
  // How closely a model that is instructed (InstructPix2Pix) keeps to the picture ("Image CFG
  // scale"); nothing: 1. Others do not look at it.
  std::optional<double> guidance_scale = {};
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_INIT_PICTURE_H_
