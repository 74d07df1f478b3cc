#include "worker/diffusion/adapters/recording_weights.h"

#include <vector>

#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/weights/random_weights.h"

namespace darkroom::diffusion {
namespace {

TEST(RecordingWeightsTest, MatricesAndKernelsAreNotedAndNormsBiasesAndEmbeddingsAreNot) {
  const c10::InferenceMode inference;
  RandomWeights random(1, at::kFloat);
  std::vector<AdaptableModule> modules;
  RecordingWeights weights(Component::kTextEncoder2, &random, &modules);
  ASSERT_TRUE(weights.Take("embeddings.token_embedding.weight", {9, 4}).ok());
  ASSERT_TRUE(weights.Take("encoder.layers.0.mlp.fc1.weight", {8, 4}).ok());
  ASSERT_TRUE(weights.Take("encoder.layers.0.mlp.fc1.bias", {8}).ok());
  ASSERT_TRUE(weights.Take("encoder.layers.0.layer_norm1.weight", {4}).ok());
  const auto kernel = weights.Take("conv.weight", {4, 2, 3, 3});
  ASSERT_TRUE(kernel.ok()) << kernel.status();
  EXPECT_EQ(kernel->sizes(), at::IntArrayRef({4, 2, 3, 3}));
  ASSERT_EQ(modules.size(), 2u);
  EXPECT_EQ(modules[0].component, Component::kTextEncoder2);
  EXPECT_EQ(modules[0].name, "encoder.layers.0.mlp.fc1");
  EXPECT_THAT(modules[0].shape, testing::ElementsAre(8, 4));
  EXPECT_EQ(modules[1].name, "conv");
  EXPECT_THAT(modules[1].shape, testing::ElementsAre(4, 2, 3, 3));
}

}  // namespace
}  // namespace darkroom::diffusion
