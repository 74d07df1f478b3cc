#include "worker/diffusion/picture_conditioning.h"

#include <optional>

#include "ATen/TensorOperators.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/ones.h"
#include "ATen/ops/upsample_nearest2d.h"
#include "ATen/ops/zeros.h"
#include "common/status_macros.h"
#include "worker/diffusion/pixels.h"
#include "worker/diffusion/weights/unet_inputs.h"

namespace darkroom::diffusion {
namespace {

at::Tensor ToTensor(const InitMask& mask) {
  return mask.soft.has_value() ? ToSoftMask(mask.mask) : ToRoundedMask(mask.mask);
}

absl::StatusOr<at::Tensor> InpaintingConditioning(DiffusionModel& model,
                                                  const ImageRequest& request) {
  const std::optional<InitPicture>& init = request.init;
  const bool masked = init.has_value() && init->mask.has_value();
  const at::Tensor mask =
      masked ? ToTensor(*init->mask) : at::ones({1, 1, request.height, request.width});
  const at::Tensor pixels =
      init.has_value() ? ToPixels(init->picture) : at::zeros({1, 3, request.height, request.width});
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor latent,
                            EncodePicture(model, (pixels * (1 - mask)).to(model.device())));
  const at::Tensor small = at::upsample_nearest2d(mask, {latent.size(2), latent.size(3)});
  return at::cat({small.to(model.device()), model.vae().ToUNetSpace(latent)}, 1);
}

}  // namespace

absl::StatusOr<at::Tensor> EncodePicture(DiffusionModel& model, const at::Tensor& pixels) {
  at::Tensor mean = model.vae().Encode(pixels).mean;
  if (!AllFinite(mean)) mean = model.exact_vae().Encode(pixels).mean;
  if (!AllFinite(mean)) return absl::InternalError("the encoded picture is not finite");
  return mean;
}

absl::StatusOr<RgbImage> DecodeLatent(DiffusionModel& model, const at::Tensor& latent) {
  const at::Tensor own = model.vae().FromUNetSpace(latent);
  at::Tensor pixels = model.vae().Decode(own);
  if (!AllFinite(pixels)) pixels = model.exact_vae().Decode(own);
  if (!AllFinite(pixels)) return absl::InternalError("the decoded picture is not finite");
  return ToRgbImage(pixels);
}

absl::StatusOr<at::Tensor> PictureConditioning(DiffusionModel& model, const ImageRequest& request) {
  const ModelConfig& config = model.config();
  const std::optional<UNetInputs> inputs = InputsOf(config.unet, config.vae);
  if (inputs == UNetInputs::kInpainting) return InpaintingConditioning(model, request);
  if (inputs == UNetInputs::kInstruction) {
    return EncodePicture(model, ToPixels(request.init->picture).to(model.device()));
  }
  return at::Tensor();
}

}  // namespace darkroom::diffusion
