#ifndef DARKROOM_WORKER_ENGINE_FAMILY_H_
#define DARKROOM_WORKER_ENGINE_FAMILY_H_

#include "absl/strings/string_view.h"
#include "darkroom/v1/model.pb.h"

namespace darkroom::worker {

// What the API calls a family of ModelInfo; unspecified for one that it does not know.
inline v1::ModelFamily FamilyOf(absl::string_view family) {
  if (family == "sd1") return v1::MODEL_FAMILY_STABLE_DIFFUSION_1;
  if (family == "sd2") return v1::MODEL_FAMILY_STABLE_DIFFUSION_2;
  if (family == "sdxl") return v1::MODEL_FAMILY_STABLE_DIFFUSION_XL;
  if (family == "sdxl-refiner") return v1::MODEL_FAMILY_STABLE_DIFFUSION_XL_REFINER;
  return v1::MODEL_FAMILY_UNSPECIFIED;
}

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_FAMILY_H_
