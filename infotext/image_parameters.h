#ifndef DARKROOM_INFOTEXT_IMAGE_PARAMETERS_H_
#define DARKROOM_INFOTEXT_IMAGE_PARAMETERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace darkroom::infotext {

struct Size {
  int width = 0;
  int height = 0;
  friend bool operator==(const Size&, const Size&) = default;
};

struct Pair {
  std::string key;
  std::string value;
  friend bool operator==(const Pair&, const Pair&) = default;
};

// What one image was made from, in AUTOMATIC1111's terms, as far as it is known: what a picture of
// another program does not say is empty or has AUTOMATIC1111's default. Names are as the text has
// them: a sampler may be of an older version ("DPM++ 2M Karras"), a model unknown here.
struct ImageParameters {
  std::string prompt = {};
  std::string negative_prompt = {};

  std::optional<int> steps = {};
  std::string sampler = {};
  std::string schedule = "Automatic";
  std::optional<double> guidance_scale = {};
  std::optional<double> picture_guidance_scale = {};  // "Image CFG scale"
  std::optional<std::int64_t> seed = {};              // of this image
  std::optional<Size> size = {};                      // pixels, as it was made
  std::string model_hash = {};
  std::string model = {};
  std::string vae_hash = {};
  std::string vae = {};
  std::optional<std::int64_t> variation_seed = {};
  std::optional<double> variation_strength = {};
  std::optional<Size> seed_resize_from = {};  // pixels
  std::optional<double> denoising_strength = {};
  int clip_skip = 1;
  std::optional<std::int64_t> eta_seed_delta = {};  // "ENSD"
  std::string noise_source = "GPU";                 // or "NV", which gives the same noise, or "CPU"
  bool tiling = false;
  std::string mask_mode = "Inpaint masked";    // or "Inpaint not masked"
  std::optional<int> mask_blur = {};           // pixels
  std::string inpaint_area = "Whole picture";  // or "Only masked"
  std::optional<int> masked_padding = {};      // pixels
  std::string masked_content = "original";     // or "fill", "latent noise", "latent nothing"
  // Pixels on the left, at the top, on the right and at the bottom of the picture begun with:
  // "64 0 64 0". Of this program; AUTOMATIC1111's outpainting does not write them.
  std::string outpaint_margins = {};
  bool soft_inpainting = false;  // "Soft inpainting enabled", and its six options
  std::optional<double> soft_schedule_bias = {};
  std::optional<double> soft_preservation_strength = {};
  std::optional<double> soft_contrast_boost = {};
  std::optional<double> soft_mask_influence = {};
  std::optional<double> soft_difference_threshold = {};
  std::optional<double> soft_difference_contrast = {};
  std::optional<double> hires_upscale = {};  // how many times as large the second pass makes it,
  std::optional<Size> hires_resize = {};     // or the pixels it makes; a side of 0 is not given
  std::optional<int> hires_steps = {};
  std::string hires_upscaler = {};
  std::string hires_sampler = {};   // of the second pass, as is what follows; empty: the first's
  std::string hires_schedule = {};  // "Hires schedule type"
  std::string hires_prompt = {};
  std::string hires_negative_prompt = {};
  std::optional<double> hires_guidance_scale = {};  // "Hires CFG Scale"
  std::string emphasis = "Original";
  std::string noise_schedule = {};  // "Zero Terminal SNR"
  bool discard_penultimate_sigma = false;
  std::optional<double> schedule_sigma_min = {};
  std::optional<double> schedule_sigma_max = {};
  std::optional<double> schedule_rho = {};
  std::optional<double> beta_schedule_alpha = {};
  std::optional<double> beta_schedule_beta = {};
  std::optional<double> eta = {};       // of samplers over sigmas
  std::optional<double> eta_ddim = {};  // of samplers over timesteps
  std::optional<double> sigma_churn = {};
  std::optional<double> sigma_tmin = {};
  std::optional<double> sigma_tmax = {};
  std::optional<double> sigma_noise = {};
  std::optional<double> guidance_rescale = {};  // "CFG Rescale", of the extension
  std::optional<double> min_uncond_sigma = {};  // "NGMS"
  bool skip_uncond_at_every_call = false;       // "NGMS all steps"

  // Pairs that are none of the above, or whose value is not what it should be: other features,
  // programs and extensions.
  std::vector<Pair> others = {};

  std::string version = {};  // of the program that made it: "darkroom v0.1.0"

  friend bool operator==(const ImageParameters&, const ImageParameters&) = default;
};

}  // namespace darkroom::infotext

#endif  // DARKROOM_INFOTEXT_IMAGE_PARAMETERS_H_
