#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_IMAGE_NOISE_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_IMAGE_NOISE_H_

#include <cstdint>
#include <memory>

#include "worker/diffusion/sampling/noise_generator.h"

namespace darkroom::diffusion {

// What the noise of a request's images depends on, in AUTOMATIC1111's terms.
struct SeedOptions {
  NoiseSource source = NoiseSource::kPhilox;
  std::int64_t seed = 0;     // 0 to 2^32 − 1
  Variation variation = {};  // its "subseed"
  // Latent pixels of the picture whose noise is looked for in this one; no resize unless both are
  // above 0.
  int resize_from_height = 0;
  int resize_from_width = 0;
  std::int64_t eta_seed_delta = 0;  // its "ENSD"
};

// [channels, height, width], in latent pixels.
struct LatentShape {
  int channels = 4;
  int height = 0;
  int width = 0;
};

// The noise of one image of a request, equal to AUTOMATIC1111's modules/rng.py (ImageRNG). Its
// first draw, which is of `shape`, is the noise that sampling begins with:
//   - noise of the image's seed;
//   - blended with that of its variation seed, along the sphere in each column of each channel, or
//     along the line where the two are almost the same, which is then taken the other way round;
//   - with a resize, drawn and blended at the other size and pasted into the middle of noise of the
//     image's own size, or its middle pasted where it is larger.
// The draws after it are the generator's that has drawn the image's own noise, or with an
// eta_seed_delta those of a new generator of seed + delta.
std::unique_ptr<NoiseGenerator> MakeImageNoise(const SeedOptions& options, int image,
                                               const LatentShape& shape);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_IMAGE_NOISE_H_
