#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_H_

#include <memory>
#include <vector>

#include "ATen/core/Tensor.h"
#include "worker/diffusion/sampling/noise_generator.h"
#include "worker/diffusion/sampling/noise_schedule.h"
#include "worker/diffusion/sampling/trajectory.h"

namespace darkroom::diffusion {

// Everything a sampler of one image works with. It belongs to one trajectory, outlives it, and is
// not copied or moved while the trajectory lives.
class SamplerContext {
 public:
  // `sigmas` as a SigmaFunction returns them; `model` outlives the context. Draws the first noise,
  // [1, 4, height, width] float32, on the CPU and keeps it on `device`.
  SamplerContext(std::vector<double> sigmas, const NoiseSchedule& model,
                 std::unique_ptr<NoiseGenerator> generator, int height, int width,
                 at::Device device);
  SamplerContext(const SamplerContext&) = delete;
  SamplerContext& operator=(const SamplerContext&) = delete;

  int steps() const { return static_cast<int>(sigmas_.size()) - 1; }
  const std::vector<double>& sigmas() const { return sigmas_; }
  const NoiseSchedule& model() const { return model_; }
  // How much of the noise that a step removes an ancestral sampler puts back, 0 to 1.
  double eta() const { return 1.0; }

  // The first draw: standard normal, not yet scaled to the first sigma.
  const at::Tensor& initial_noise() const { return initial_noise_; }
  // The next draw, shaped alike.
  at::Tensor StepNoise();

  // Samplers report each step they have finished.
  void StepDone() { ++steps_done_; }
  int steps_done() const { return steps_done_; }

 private:
  at::Tensor Draw();

  const std::vector<double> sigmas_;
  const NoiseSchedule& model_;
  const std::unique_ptr<NoiseGenerator> generator_;
  const int height_;
  const int width_;
  const at::Device device_;
  const at::Tensor initial_noise_;
  int steps_done_ = 0;
};

// A sampler: from ctx.initial_noise() to a latent without noise. The coroutine keeps a reference to
// the context.
using SamplerFunction = Trajectory (*)(SamplerContext& ctx);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_SAMPLER_H_
