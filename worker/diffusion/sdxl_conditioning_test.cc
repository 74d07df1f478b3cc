#include "worker/diffusion/sdxl_conditioning.h"

#include <string>
#include <utility>

#include "ATen/ops/equal.h"
#include "ATen/ops/full.h"
#include "ATen/ops/zeros_like.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/weights/published_configs.h"

namespace darkroom::diffusion {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr PictureSize kSize = {.width = 832, .height = 1216};

Conditioning Text(double value) {
  return {.context = at::full({1, 77, 5}, value), .vector = at::full({1, 1280}, value)};
}

Conditioning Complete(const ModelConfig& config, PromptSide side, const std::string& text,
                      Conditioning encoded) {
  const prompt::Schedule schedule = prompt::MakeSchedule(text, {.steps = 20});
  return CompleteConditioning(config, kSize, side, schedule,
                              ConditioningSchedule(std::move(encoded)))
      .At(0);
}

TEST(SdxlConditioningTest, TheNumbersAreHeightBeforeWidthAndTheRefinersScore) {
  EXPECT_THAT(AddedNumbersOf(ModelFamily::kSdxl, kSize, PromptSide::kPositive),
              ElementsAre(1216, 832, 0, 0, 1216, 832));
  EXPECT_THAT(AddedNumbersOf(ModelFamily::kSdxl, kSize, PromptSide::kNegative),
              ElementsAre(1216, 832, 0, 0, 1216, 832));
  EXPECT_THAT(AddedNumbersOf(ModelFamily::kSdxlRefiner, kSize, PromptSide::kPositive),
              ElementsAre(1216, 832, 0, 0, 6));
  EXPECT_THAT(AddedNumbersOf(ModelFamily::kSdxlRefiner, kSize, PromptSide::kNegative),
              ElementsAre(1216, 832, 0, 0, 2.5));
  EXPECT_THAT(AddedNumbersOf(ModelFamily::kSd2, kSize, PromptSide::kPositive), IsEmpty());
}

TEST(SdxlConditioningTest, TheVectorHasTheSizeThatTheUNetTakes) {
  for (const ModelConfig& config : {SdxlConfig(), SdxlRefinerConfig()}) {
    const Conditioning told = Complete(config, PromptSide::kPositive, "a cat", Text(3));
    EXPECT_EQ(told.vector.size(1), config.unet.projection_class_embeddings_input_dim);
    EXPECT_TRUE(at::equal(told.vector.narrow(1, 0, 1280), at::full({1, 1280}, 3.0)));
    EXPECT_TRUE(at::equal(told.context, Text(3).context));
  }
}

TEST(SdxlConditioningTest, ANegativePromptOfNothingIsZerosButForTheNumbers) {
  const ModelConfig config = SdxlConfig();
  const Conditioning nothing = Complete(config, PromptSide::kNegative, "", Text(3));
  const Conditioning something = Complete(config, PromptSide::kNegative, "x", Text(3));
  EXPECT_TRUE(at::equal(nothing.context, at::zeros_like(nothing.context)));
  EXPECT_TRUE(at::equal(nothing.vector.narrow(1, 0, 1280), at::full({1, 1280}, 0.0)));
  const auto numbers = [](const Conditioning& told) {
    return told.vector.narrow(1, 1280, 6 * 256);
  };
  EXPECT_TRUE(at::equal(numbers(nothing), numbers(something)));
  EXPECT_TRUE(at::equal(something.context, Text(3).context));
  // Blanks are a text, and so is nothing that the picture shall have.
  EXPECT_TRUE(
      at::equal(Complete(config, PromptSide::kNegative, " ", Text(3)).context, Text(3).context));
  EXPECT_TRUE(
      at::equal(Complete(config, PromptSide::kPositive, "", Text(3)).context, Text(3).context));
}

TEST(SdxlConditioningTest, AnEditThatEndsInNothingIsAText) {
  const Conditioning told = Complete(SdxlConfig(), PromptSide::kNegative, "[blurry::5]", Text(3));
  EXPECT_TRUE(at::equal(told.context, Text(3).context));
}

TEST(SdxlConditioningTest, OtherFamiliesAreToldNothingMore) {
  for (const ModelConfig& config : {Sd15Config(), Sd21Config()}) {
    const Conditioning told =
        Complete(config, PromptSide::kNegative, "", {.context = at::full({1, 77, 5}, 3.0)});
    EXPECT_FALSE(told.vector.defined());
    EXPECT_TRUE(at::equal(told.context, Text(3).context));
  }
}

}  // namespace
}  // namespace darkroom::diffusion
