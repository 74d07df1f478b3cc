#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_INFO_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_INFO_H_

#include <cstdint>
#include <string>
#include <vector>

namespace darkroom::diffusion {

// What a model was trained to do.
enum class ModelTask {
  kGeneral,      // pictures of texts
  kInpainting,   // the same, shown what a mask leaves of a picture
  kInstruction,  // pictures changed as the text says: needs one
};

// What a loaded model is and accepts.
struct ModelInfo {
  std::string family;  // "sd1", "sd2", "sdxl" or "sdxl-refiner"
  ModelTask task = ModelTask::kGeneral;
  std::string hash;  // 10 hexadecimal digits, as A1111's "Model hash"
  int default_width = 0;
  int default_height = 0;
  int max_side = 0;
  std::int64_t max_pixels = 0;
  int size_multiple = 8;
  int max_images = 1;
  int max_steps = 150;
  int max_clip_skip = 1;
  std::vector<std::string> samplers;
  std::vector<std::string> schedules;
  std::string default_sampler;
  std::string default_schedule;
  int default_steps = 20;
  double default_guidance_scale = 7.0;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_INFO_H_
