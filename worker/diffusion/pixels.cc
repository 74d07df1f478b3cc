#include "worker/diffusion/pixels.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/isfinite.h"
#include "ATen/ops/upsample_bilinear2d.h"

namespace darkroom::diffusion {
namespace {

constexpr std::int64_t kPreviewScale = 4;
constexpr std::int64_t kMaxPreviewSide = 256;

}  // namespace

RgbImage ToRgbImage(const at::Tensor& pixels) {
  // [1, 3, H, W] to [H, W, 3]
  const at::Tensor bytes = ((pixels.to(at::kFloat) + 1) / 2)
                               .clamp(0, 1)
                               .mul(255)
                               .to(at::kByte)
                               .squeeze(0)
                               .permute({1, 2, 0})
                               .contiguous()
                               .to(at::kCPU);
  RgbImage image{.width = static_cast<int>(bytes.size(1)),
                 .height = static_cast<int>(bytes.size(0)),
                 .pixels = std::vector<std::uint8_t>(bytes.numel())};
  std::memcpy(image.pixels.data(), bytes.const_data_ptr(), image.pixels.size());
  return image;
}

at::Tensor ToPixels(const RgbImage& image) {
  const at::Tensor bytes = at::empty({image.height, image.width, 3}, at::kByte);
  std::memcpy(bytes.mutable_data_ptr(), image.pixels.data(), image.pixels.size());
  // [H, W, 3] to [1, 3, H, W]
  return bytes.permute({2, 0, 1}).unsqueeze(0).to(at::kFloat) / 255 * 2 - 1;
}

at::Tensor ToSoftMask(const GreyImage& mask) {
  const at::Tensor bytes = at::empty({1, 1, mask.height, mask.width}, at::kByte);
  std::memcpy(bytes.mutable_data_ptr(), mask.pixels.data(), mask.pixels.size());
  return bytes.to(at::kFloat) / 255;
}

at::Tensor ToRoundedMask(const GreyImage& mask) { return ToSoftMask(mask).ge(0.5).to(at::kFloat); }

bool AllFinite(const at::Tensor& tensor) { return at::isfinite(tensor).all().item<bool>(); }

RgbImage PreviewImage(const at::Tensor& latent, const PreviewConfig& config) {
  const at::Tensor factors = at::empty({4, 3}, at::kFloat);
  const at::Tensor bias = at::empty({3, 1, 1}, at::kFloat);
  std::memcpy(factors.mutable_data_ptr(), config.latent_rgb_factors.data(), factors.nbytes());
  std::memcpy(bias.mutable_data_ptr(), config.latent_rgb_bias.data(), bias.nbytes());
  // [1, 4, h, w] by [4, 3] to [1, 3, h, w]
  const at::Tensor rgb =
      latent.to(at::kCPU).permute({0, 2, 3, 1}).matmul(factors).permute({0, 3, 1, 2}) + bias;
  const std::int64_t height = rgb.size(2);
  const std::int64_t width = rgb.size(3);
  const std::int64_t scale =
      std::clamp<std::int64_t>(kMaxPreviewSide / std::max(height, width), 1, kPreviewScale);
  return ToRgbImage(
      at::upsample_bilinear2d(rgb, {height * scale, width * scale}, /*align_corners=*/false));
}

PreviewConfig DefaultPreviewConfig(ModelFamily family) {
  if (family == ModelFamily::kSdxl || family == ModelFamily::kSdxlRefiner) {
    return {.latent_rgb_factors = {{{0.3448f, 0.4168f, 0.4395f},
                                    {-0.1953f, -0.0290f, 0.0250f},
                                    {0.1074f, 0.0886f, -0.0163f},
                                    {-0.3730f, -0.2499f, -0.2088f}}},
            .latent_rgb_bias = {}};
  }
  return {.latent_rgb_factors = {{{0.298f, 0.207f, 0.208f},
                                  {0.187f, 0.286f, 0.173f},
                                  {-0.158f, 0.189f, 0.264f},
                                  {-0.184f, -0.271f, -0.473f}}},
          .latent_rgb_bias = {}};
}

}  // namespace darkroom::diffusion
