#ifndef DARKROOM_WORKER_DIFFUSION_IMAGE_REQUEST_H_
#define DARKROOM_WORKER_DIFFUSION_IMAGE_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>

#include "common/rgb_image.h"
#include "prompt/emphasis.h"
#include "worker/diffusion/init_picture.h"

namespace darkroom::diffusion {

// Generators of noise; both draw on the CPU in float32.
enum class NoiseSource { kPhilox, kMt19937 };

// A second noise to blend in.
struct Variation {
  std::int64_t seed = 0;  // 0 to 2^32 - 1; image i uses seed + i
  double strength = 0;    // 0: no variation, to 1: the second noise alone
};

// Pixels; 0 x 0: none.
struct PictureSize {
  int width = 0;
  int height = 0;

  bool empty() const { return width == 0 && height == 0; }
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

// Options of a request's sampler, schedule and guidance, as AUTOMATIC1111 has them. The defaults
// leave things as they are by themselves, as does every option that has no say there.
struct SamplerSettings {
  std::optional<double> eta = {};  // 0 to 1; absent: the sampler's own
  double s_churn = 0;
  double s_tmin = 0;
  double s_tmax = 0;  // 0: no bound
  double s_noise = 1;
};

struct ScheduleSettings {
  double sigma_min = 0;  // 0: the model's
  double sigma_max = 0;
  double rho = 0;  // 0: the schedule's
  double beta_alpha = 0.6;
  double beta_beta = 0.6;
  bool discard_next_to_last_sigma = false;
};

struct GuidanceSettings {
  double rescale = 0;             // 0 to 1
  double min_negative_sigma = 0;  // 0: the negative prompt takes part in every call
  bool skip_negative_at_every_call = false;
};

// The second pass of a hires fix: the picture of the first is scaled, laid under noise and made
// anew at its new size. What is not here is as in the first pass.
struct HiresFix {
  std::string upscaler = "Latent";  // of naming::Upscalers(), or of AdapterFiles::upscalers
  PictureSize scaled = {};          // that the first pass's picture is scaled to
  PictureSize size = {};            // of its middle, which is made: multiples as ImageRequest's
  double strength = 0.7;            // above 0, at most 1: how much of it is given up to noise
  int steps = 20;                   // all are made, whatever the strength
  std::string sampler = {};
  std::string schedule = {};
  std::string prompt = {};
  std::string negative_prompt = {};
  double guidance_scale = 7.0;
};

// A picture that is only made larger: AUTOMATIC1111's "Extras".
struct Upscale {
  RgbImage picture = {};
  std::string upscaler = "Lanczos";  // or "Nearest", or of AdapterFiles::upscalers
  double scale = 2;                  // above 0, where there is no size to cover
  PictureSize cover = {};            // multiples of 8
  bool crop = false;                 // of a size to cover, its middle
  std::string second_upscaler = {};  // blended in; empty: none
  double second_share = 0;           // 0 to 1
};

// A request with every default resolved and every limit checked by the gateway. The backend checks
// again what its own safety depends on.
struct ImageRequest {
  std::string prompt;           // UTF-8, styles applied
  std::string negative_prompt;  // UTF-8
  int width = 0;                // pixels, a multiple of ModelInfo::size_multiple
  int height = 0;
  int steps = 20;
  std::string sampler;   // of ModelInfo::samplers
  std::string schedule;  // of ModelInfo::schedules
  double guidance_scale = 7.0;
  std::int64_t seed = 0;  // 0 to 2^32 - 1
  int image_count = 1;
  int clip_skip = 1;  // 1: the last layer
  NoiseSource noise_source = NoiseSource::kPhilox;
  prompt::Emphasis emphasis = prompt::Emphasis::kOriginal;
  Variation variation = {};
  PictureSize seed_resize_from = {};
  std::int64_t eta_seed_delta = 0;  // "ENSD"
  SamplerSettings sampler_settings = {};
  ScheduleSettings schedule_settings = {};
  GuidanceSettings guidance_settings = {};
  std::optional<InitPicture> init = {};
  std::optional<HiresFix> hires = {};  // not with init
  // Convolutions see the opposite edge where the picture ends, so that its edges fit together.
  bool tiling = false;
  // Nothing is made but this: of the rest nothing is looked at.
  std::optional<Upscale> upscale = {};
};

// The seeds of one image of a request.
struct ImageSeeds {
  std::uint64_t seed = 0;
  std::uint64_t variation_seed = 0;
};

// Image i has seed + i, but with a variation all images have the same seed; the variation seed
// rises by one an image in any case.
inline ImageSeeds SeedsOfImage(std::int64_t seed, const Variation& variation, int image) {
  const int step = variation.strength == 0 ? image : 0;
  return {.seed = static_cast<std::uint64_t>(seed + step),
          .variation_seed = static_cast<std::uint64_t>(variation.seed + image)};
}

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_IMAGE_REQUEST_H_
