#include "worker/diffusion/hires_pass.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "ATen/ops/_upsample_bicubic2d_aa.h"
#include "ATen/ops/_upsample_bilinear2d_aa.h"
#include "ATen/ops/_upsample_nearest_exact2d.h"
#include "ATen/ops/upsample_bicubic2d.h"
#include "ATen/ops/upsample_bilinear2d.h"
#include "ATen/ops/upsample_nearest2d.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "naming/hires_pass.h"
#include "naming/upscale_plan.h"
#include "picture/upscale.h"
#include "worker/diffusion/picture_conditioning.h"
#include "worker/diffusion/pixels.h"
#include "worker/diffusion/upscaler_files.h"

namespace darkroom::diffusion {
namespace {

using Size = std::array<std::int64_t, 2>;  // height, width

at::Tensor Interpolate(const at::Tensor& x, Size size, absl::string_view upscaler) {
  if (upscaler == "Latent (antialiased)") return at::_upsample_bilinear2d_aa(x, size, false);
  if (upscaler == "Latent (bicubic)") return at::upsample_bicubic2d(x, size, false);
  if (upscaler == "Latent (bicubic antialiased)") return at::_upsample_bicubic2d_aa(x, size, false);
  if (upscaler == "Latent (nearest)") return at::upsample_nearest2d(x, size);
  if (upscaler == "Latent (nearest-exact)") return at::_upsample_nearest_exact2d(x, size);
  return at::upsample_bilinear2d(x, size, false);
}

// What scales pictures; nothing where it is the latent that is scaled.
std::optional<picture::Upscaler> PictureUpscaler(absl::string_view upscaler) {
  if (upscaler == "None") return picture::Upscaler::kNone;
  if (upscaler == "Lanczos") return picture::Upscaler::kLanczos;
  if (upscaler == "Nearest") return picture::Upscaler::kNearest;
  return std::nullopt;
}

// [1, 4, h, w] to [1, 4, height, width], of an odd rest one row or column more at the end.
at::Tensor Middle(const at::Tensor& latent, Size size) {
  const std::int64_t top = (latent.size(2) - size[0]) / 2;
  const std::int64_t left = (latent.size(3) - size[1]) / 2;
  return latent.narrow(2, top, size[0]).narrow(3, left, size[1]).contiguous();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const UpscalerNetwork>> FindHiresNetwork(
    FileCache<UpscalerNetwork>& files, const ImageRequest& request) {
  const HiresFix& hires = *request.hires;
  if (naming::FindUpscaler(hires.upscaler) != nullptr) return nullptr;
  DARKROOM_ASSIGN_OR_RETURN(std::shared_ptr<const UpscalerNetwork> network,
                            FindNetwork(files, "hires_fix.upscaler", hires.upscaler));
  const naming::UpscalePlan plan = naming::PlanUpscale(
      request.width, request.height, hires.scaled.width, hires.scaled.height, network->scale());
  if (plan.largest_width * plan.largest_height <= naming::kMaxUpscaledPixels) return network;
  return absl::InvalidArgumentError(
      absl::StrCat("hires_fix.upscaler makes ", plan.largest_width, " x ", plan.largest_height,
                   " pixels on the way, more than ", naming::kMaxUpscaledPixels));
}

absl::StatusOr<std::variant<at::Tensor, PictureUpscaling>> ScaleForHires(
    DiffusionModel& model, const HiresFix& hires, std::shared_ptr<const UpscalerNetwork> network,
    const at::Tensor& latent) {
  const std::optional<picture::Upscaler> upscaler = PictureUpscaler(hires.upscaler);
  if (network == nullptr && !upscaler.has_value()) {
    const int factor = model.config().vae.scale();
    const Size scaled = {hires.scaled.height / factor, hires.scaled.width / factor};
    return Middle(Interpolate(latent.contiguous(), scaled, hires.upscaler),
                  {hires.size.height / factor, hires.size.width / factor});
  }
  DARKROOM_ASSIGN_OR_RETURN(RgbImage picture, DecodeLatent(model, latent));
  if (network != nullptr) {
    return PictureUpscaling::Plan(std::move(network), std::move(picture), hires.scaled.width,
                                  hires.scaled.height);
  }
  return EncodeForHires(
      model, hires, picture::Upscale(picture, *upscaler, hires.scaled.width, hires.scaled.height));
}

absl::StatusOr<at::Tensor> EncodeForHires(DiffusionModel& model, const HiresFix& hires,
                                          const RgbImage& picture) {
  const int factor = model.config().vae.scale();
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor encoded,
                            EncodePicture(model, ToPixels(picture).to(model.device())));
  return Middle(model.vae().ToUNetSpace(encoded),
                {hires.size.height / factor, hires.size.width / factor});
}

}  // namespace darkroom::diffusion
