#ifndef DARKROOM_WORKER_DIFFUSION_BENCH_MEMORY_H_
#define DARKROOM_WORKER_DIFFUSION_BENCH_MEMORY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// What one call of a part takes on the CPU beside its weights.
struct PartUse {
  std::int64_t bytes = 0;  // of tensors, at most at one time
  absl::Duration time;
};

struct PartCall {
  std::string part;  // "unet": a forward of `rows` rows; "decode" or "encode": of one picture
  int width = 0;     // pixels
  int height = 0;
  int rows = 2;
  bool bfloat16 = false;              // the UNet's dtype in place of float32
  std::int64_t vae_whole_pixels = 0;  // as Vae has it
};

// Loads only that part, with random weights, and calls it once. INVALID_ARGUMENT for another name.
absl::StatusOr<PartUse> MeasurePart(const ModelConfig& config, const PartCall& call);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_BENCH_MEMORY_H_
