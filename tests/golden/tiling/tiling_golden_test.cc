// Compares a model whose convolutions are circular with diffusers; make_tiling_goldens.py makes the
// data.

#include <memory>
#include <string>
#include <vector>

#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "tests/golden/sampling/golden_runs.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/ops/padding_mode.h"

namespace darkroom::diffusion {
namespace {

constexpr double kTolerance = 1e-4;

class TilingGoldenTest : public ::testing::Test {
 protected:
  void ExpectGolden(const std::string& name, const at::Tensor& actual) const {
    const at::Tensor expected = goldens_.Get(name);
    ASSERT_EQ(actual.sizes(), expected.sizes());
    EXPECT_LT(RelativeError(actual, expected), kTolerance) << name;
  }

  const c10::InferenceMode inference_;
  const SamplingGoldens goldens_ =
      SamplingGoldens::Open("tests/golden/tiling/tiling.safetensors").value();
  const std::unique_ptr<DiffusionModel> demo_ = DiffusionModel::Load("models/demo", {}).value();
};

TEST_F(TilingGoldenTest, EveryNetworkIsDiffusersWithCircularConvolutions) {
  const PaddingModeScope padding(PaddingMode::kCircular);
  const at::Tensor times = goldens_.Get("timesteps");
  const auto* values = times.const_data_ptr<float>();
  ExpectGolden(
      "unet", demo_->unet().Forward(goldens_.Get("sample"), std::vector<double>(values, values + 2),
                                    goldens_.Get("context")));
  ExpectGolden("decode", demo_->vae().Decode(goldens_.Get("latent")));
  ExpectGolden("mean", demo_->vae().Encode(goldens_.Get("decode")).mean);
}

TEST_F(TilingGoldenTest, OutsideTheScopeNothingWraps) {
  EXPECT_GT(RelativeError(demo_->vae().Decode(goldens_.Get("latent")), goldens_.Get("decode")),
            1e-2);
}

}  // namespace
}  // namespace darkroom::diffusion
