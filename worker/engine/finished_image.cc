#include "worker/engine/finished_image.h"

#include <utility>

#include "common/sha256.h"
#include "common/status_macros.h"
#include "infotext/infotext.h"
#include "worker/image/png_encoder.h"

namespace darkroom::worker {

absl::StatusOr<FinishedImage> FinishImage(const RgbImage& picture,
                                          const diffusion::ImageRequest& request, int index,
                                          absl::string_view model, absl::string_view model_hash) {
  const std::int64_t seed = request.seed + index;
  const bool philox = request.noise_source == diffusion::NoiseSource::kPhilox;
  std::string text =
      infotext::FormatInfotext({.prompt = request.prompt,
                                .negative_prompt = request.negative_prompt,
                                .steps = request.steps,
                                .sampler = request.sampler,
                                .schedule = request.schedule,
                                .guidance_scale = request.guidance_scale,
                                .seed = seed,
                                .size = infotext::Size{picture.width, picture.height},
                                .model_hash = std::string(model_hash),
                                .model = std::string(model),
                                .clip_skip = request.clip_skip,
                                .noise_source = philox ? "NV" : "CPU",
                                .version = "darkroom v" DARKROOM_VERSION});
  FinishedImage image;
  DARKROOM_ASSIGN_OR_RETURN(image.png, EncodePng(picture, text));
  image.record.set_index(index);
  image.record.set_seed(seed);
  image.record.set_width(picture.width);
  image.record.set_height(picture.height);
  image.record.set_mime_type("image/png");
  image.record.set_size_bytes(static_cast<std::int64_t>(image.png.size()));
  image.record.set_sha256(Sha256Hex(image.png));
  image.record.set_infotext(std::move(text));
  return image;
}

}  // namespace darkroom::worker
