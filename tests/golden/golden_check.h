#ifndef DARKROOM_TESTS_GOLDEN_GOLDEN_CHECK_H_
#define DARKROOM_TESTS_GOLDEN_GOLDEN_CHECK_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/diffusion/model/load_model.h"

namespace darkroom::diffusion {

// How far one output of a model lies from what the reference implementation computed.
struct GoldenError {
  std::string output;
  double relative = 0;  // largest difference / largest magnitude of the reference
};

// Computes every output of a golden folder (see reference.py) with a model, part by part in
// float32 on the CPU: text states with clip skip 1 and 2, the added vector of SDXL on both sides,
// one UNet step, decoded and encoded pictures.
absl::StatusOr<std::vector<GoldenError>> CompareWithGolden(const ModelFiles& model,
                                                           const std::filesystem::path& golden);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_TESTS_GOLDEN_GOLDEN_CHECK_H_
