#include "worker/diffusion/ops/timestep_embedding.h"

#include <cmath>

#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

TEST(TimestepEmbedding, FrequenciesFallFromOneToATenThousandth) {
  const c10::InferenceMode inference;
  const at::Tensor embedding = TimestepEmbedding(7.25, 8, /*cosine_first=*/false, 0);
  ASSERT_EQ(embedding.sizes(), at::IntArrayRef({1, 8}));
  for (int i = 0; i < 4; ++i) {
    const double angle = 7.25 * std::pow(10000.0, -i / 4.0);
    EXPECT_NEAR(embedding[0][i].item<double>(), std::sin(angle), 1e-6);
    EXPECT_NEAR(embedding[0][4 + i].item<double>(), std::cos(angle), 1e-6);
  }
}

TEST(TimestepEmbedding, CosinesMayComeFirstAndAnOddSizeEndsInZero) {
  const c10::InferenceMode inference;
  const at::Tensor embedding = TimestepEmbedding(3, 5, /*cosine_first=*/true, 1);
  EXPECT_NEAR(embedding[0][0].item<double>(), std::cos(3.0), 1e-6);
  EXPECT_NEAR(embedding[0][1].item<double>(), std::cos(3e-4), 1e-6);  // shift 1: down to the end
  EXPECT_NEAR(embedding[0][2].item<double>(), std::sin(3.0), 1e-6);
  EXPECT_EQ(embedding[0][4].item<double>(), 0.0);
}

}  // namespace
}  // namespace darkroom::diffusion
