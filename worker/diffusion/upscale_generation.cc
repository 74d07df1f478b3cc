#include "worker/diffusion/upscale_generation.h"

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "picture/upscale.h"
#include "worker/diffusion/backend_checks.h"
#include "worker/diffusion/upscaler_files.h"

namespace darkroom::diffusion {

absl::StatusOr<std::unique_ptr<UpscaleGeneration>> UpscaleGeneration::Prepare(
    FileCache<UpscalerNetwork>& files, const Upscale& request) {
  const PictureSize cropped = request.crop ? request.cover : PictureSize{};
  std::unique_ptr<UpscaleGeneration> generation(
      new UpscaleGeneration(cropped, request.second_share));
  const naming::UpscaleAim aim = AimOf(request);
  const auto add = [&](absl::string_view field, const std::string& name) -> absl::Status {
    Part part;
    if (name == "Lanczos" || name == "Nearest") {
      const auto upscaler =
          name == "Nearest" ? picture::Upscaler::kNearest : picture::Upscaler::kLanczos;
      part.made = picture::UpscaleBy(request.picture, upscaler, aim.scale, aim.width, aim.height);
    } else {
      DARKROOM_ASSIGN_OR_RETURN(std::shared_ptr<const UpscalerNetwork> network,
                                FindNetwork(files, field, name));
      DARKROOM_ASSIGN_OR_RETURN(PictureUpscaling scaling,
                                PictureUpscaling::Plan(std::move(network), request.picture, aim));
      generation->pieces_ += scaling.pieces_left();
      if (scaling.done()) {
        part.made = std::move(scaling).Take();
      } else {
        part.network.emplace(std::move(scaling));
      }
    }
    generation->parts_.push_back(std::move(part));
    return absl::OkStatus();
  };
  DARKROOM_RETURN_IF_ERROR(add("upscale.upscaler", request.upscaler));
  if (!request.second_upscaler.empty() && request.second_share > 0) {
    DARKROOM_RETURN_IF_ERROR(add("upscale.second_upscaler", request.second_upscaler));
  }
  return generation;
}

int UpscaleGeneration::steps_done(int /*image*/) const {
  int left = 0;
  for (const Part& part : parts_) {
    if (part.network.has_value()) left += part.network->pieces_left();
  }
  return pieces_ - left;
}

std::int64_t UpscaleGeneration::scaling_left(int /*image*/) const {
  std::int64_t left = 0;
  for (const Part& part : parts_) {
    if (part.network.has_value()) left += part.network->operations_left();
  }
  return left;
}

absl::StatusOr<std::int64_t> UpscaleGeneration::Scale() {
  for (Part& part : parts_) {
    if (!part.network.has_value()) continue;
    const std::int64_t operations = part.network->next_operations();
    DARKROOM_RETURN_IF_ERROR(part.network->Advance());
    if (part.network->done()) {
      part.made = std::move(*part.network).Take();
      part.network.reset();
    }
    return operations;
  }
  return absl::FailedPreconditionError("there is nothing left to be made larger");
}

RgbImage UpscaleGeneration::picture() const {
  const auto cut = [this](const RgbImage& made) {
    return cropped_.empty() ? made : picture::CutMiddle(made, cropped_.width, cropped_.height);
  };
  RgbImage first = cut(parts_[0].made);
  return parts_.size() == 1 ? first : picture::Blend(first, cut(parts_[1].made), second_share_);
}

}  // namespace darkroom::diffusion
