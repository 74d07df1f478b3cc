#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

absl::string_view FamilyName(ModelFamily family) {
  switch (family) {
    case ModelFamily::kSd1:
      return "sd1";
    case ModelFamily::kSd2:
      return "sd2";
    case ModelFamily::kSdxl:
      return "sdxl";
    case ModelFamily::kSdxlRefiner:
      return "sdxl-refiner";
  }
  return "";
}

absl::string_view TextEncoderPart(ModelFamily family, std::size_t encoder) {
  const bool second = encoder == 1 || family == ModelFamily::kSdxlRefiner;
  return second ? "text_encoder_2" : "text_encoder";
}

int AddedNumbers(ModelFamily family) {
  switch (family) {
    case ModelFamily::kSdxl:
      return 6;
    case ModelFamily::kSdxlRefiner:
      return 5;
    default:
      return 0;
  }
}

}  // namespace darkroom::diffusion
