#include "worker/diffusion/adapters/network_scope.h"

#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/adapters/adaptable.h"
#include "worker/diffusion/ops/cpu_ops.h"
#include "worker/diffusion/weights/random_weights.h"

namespace darkroom::diffusion {
namespace {

using ::testing::ElementsAre;

class NetworkScopeTest : public testing::Test {
 protected:
  const c10::InferenceMode inference_;
  const CpuOps ops_;
  RandomWeights random_{1, at::kFloat};
  LoadedModules loaded_;
  const NetworkScope scope_{WeightScope(&random_), Component::kTextEncoder2, &loaded_};
};

TEST_F(NetworkScopeTest, ModulesAreNotedByNameWithTheirStoredShapesAndHowTheyAreComputed) {
  ASSERT_TRUE(LoadAdaptableLinear(scope_.Sub("mlp").Sub("fc1"), 4, 8, Bias::kYes, ops_).ok());
  ASSERT_TRUE(LoadAdaptablePointwise(scope_.Sub("proj_in"), 4, 6, ops_).ok());
  ASSERT_TRUE(LoadAdaptableGated(scope_.Sub("net", 0), 4, 16, ops_).ok());
  ASSERT_TRUE(
      LoadAdaptableConvolution(scope_.Sub("conv"), {.in = 2, .out = 4, .stride = 2}, ops_).ok());
  ASSERT_EQ(loaded_.modules.size(), 4u);
  EXPECT_EQ(loaded_.modules[0].component, Component::kTextEncoder2);
  EXPECT_EQ(loaded_.modules[0].name, "mlp.fc1");
  EXPECT_THAT(loaded_.modules[0].shape, ElementsAre(8, 4));
  EXPECT_EQ(loaded_.modules[1].name, "proj_in");
  EXPECT_THAT(loaded_.modules[1].shape, ElementsAre(6, 4, 1, 1));
  EXPECT_FALSE(loaded_.placements[1].convolution);
  EXPECT_EQ(loaded_.modules[2].name, "net.0");
  EXPECT_THAT(loaded_.modules[2].shape, ElementsAre(32, 4));
  EXPECT_EQ(loaded_.modules[3].name, "conv");
  EXPECT_THAT(loaded_.modules[3].shape, ElementsAre(4, 2, 3, 3));
  EXPECT_TRUE(loaded_.placements[3].convolution);
  EXPECT_EQ(loaded_.placements[3].stride, 2);
  EXPECT_EQ(loaded_.placements[3].padding, 1);
}

TEST_F(NetworkScopeTest, ANetworkThatNoAdapterChangesNotesNothing) {
  const NetworkScope alone{WeightScope(&random_)};
  ASSERT_TRUE(LoadAdaptableLinear(alone.Sub("to_q"), 4, 4, Bias::kNo, ops_).ok());
  EXPECT_TRUE(loaded_.modules.empty());
}

}  // namespace
}  // namespace darkroom::diffusion
