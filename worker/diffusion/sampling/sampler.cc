#include "worker/diffusion/sampling/sampler.h"

#include <cstddef>
#include <utility>

#include "ATen/ops/empty.h"

namespace darkroom::diffusion {

SamplerContext::SamplerContext(std::vector<double> sigmas, const NoiseSchedule& model,
                               std::unique_ptr<NoiseGenerator> generator, int height, int width,
                               at::Device device)
    : sigmas_(std::move(sigmas)),
      model_(model),
      generator_(std::move(generator)),
      height_(height),
      width_(width),
      device_(device),
      initial_noise_(Draw()) {}

at::Tensor SamplerContext::StepNoise() { return Draw(); }

at::Tensor SamplerContext::Draw() {
  const at::Tensor noise = at::empty({1, 4, height_, width_}, at::kFloat);
  generator_->Draw({noise.mutable_data_ptr<float>(), static_cast<std::size_t>(noise.numel())});
  return noise.to(device_);
}

}  // namespace darkroom::diffusion
