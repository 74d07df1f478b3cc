#include "worker/diffusion/prompt_encoder.h"

#include <cstdint>
#include <memory>
#include <string>

#include "ATen/TensorOperators.h"
#include "ATen/ops/equal.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prompt/limits.h"
#include "tokenizer/prompt_tokenizer.h"
#include "worker/diffusion/model/diffusion_model.h"

namespace darkroom::diffusion {
namespace {

using ::testing::HasSubstr;

constexpr prompt::PassSteps kPass = {.steps = 20};

std::string Repeat(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

class PromptEncoderTest : public ::testing::Test {
 protected:
  PromptEncoder Encoder(PromptEncoder::Options options = {}) {
    return {model_->text().models(), tokenizer::MakePromptTokenizer(model_->text().tokenizer()),
            options};
  }

  ConditioningSchedule Encode(const std::string& text, PromptEncoder::Options options = {}) {
    return Encoder(options).Encode(prompt::MakeSchedule(text, kPass)).value();
  }

  const c10::InferenceMode inference_;
  const std::unique_ptr<DiffusionModel> model_ =
      DiffusionModel::Load("tests/golden/tiny_model", {}).value();
};

double Mean(const at::Tensor& tensor) { return tensor.mean(at::kDouble).item<double>(); }

TEST_F(PromptEncoderTest, AnEditSwitchesAndEqualTextsAreOneTensor) {
  const ConditioningSchedule context = Encode("a [red|blue] apple");
  const ConditioningSchedule red = Encode("a red apple");
  EXPECT_TRUE(at::equal(context.At(0).context, red.At(0).context));
  EXPECT_TRUE(at::equal(context.At(1).context, red.At(1).context));
  EXPECT_TRUE(at::equal(context.At(2).context, Encode("a blue apple").At(0).context));
  EXPECT_TRUE(context.At(0).context.is_same(context.At(3).context));
}

TEST_F(PromptEncoderTest, AShorterVariantEndsInEmptyChunks) {
  const std::string text = Repeat(50, "red apple ");
  const ConditioningSchedule context = Encode("[" + text + "::5] a cat");
  const at::Tensor& shorter = context.At(10).context;
  EXPECT_EQ(shorter.sizes(), context.At(0).context.sizes());
  ASSERT_GT(shorter.size(1), prompt::kChunkLength);
  EXPECT_TRUE(shorter.narrow(1, 0, 77).allclose(Encode("a cat").At(0).context, 1e-5, 1e-6));
  for (std::int64_t at = 77; at < shorter.size(1); at += 77) {
    EXPECT_TRUE(shorter.narrow(1, at, 77).allclose(Encode("").At(0).context, 1e-5, 1e-6)) << at;
  }
}

TEST_F(PromptEncoderTest, OriginalKeepsTheMeanThatTheOutputsHad) {
  const at::Tensor plain = Encode("a red apple").At(0).context;
  const at::Tensor weighted = Encode("a (red:1.6) apple").At(0).context;
  EXPECT_GT((weighted - plain).abs().max().item<float>(), 1e-3);
  EXPECT_NEAR(Mean(weighted), Mean(plain), 1e-6);
  const at::Tensor unscaled =
      Encode("a (red:1.6) apple", {.emphasis = prompt::Emphasis::kNoNorm}).At(0).context;
  const prompt::Chunk chunk =
      prompt::ChunkPrompt("a (red:1.6) apple",
                          tokenizer::MakePromptTokenizer(model_->text().tokenizer()), {})
          .chunks[0];
  EXPECT_THAT(chunk.multipliers, ::testing::Contains(1.6f));
  for (int i = 0; i < prompt::kChunkLength; ++i) {
    const float multiplier = chunk.multipliers[static_cast<std::size_t>(i)];
    EXPECT_TRUE(at::equal(unscaled.narrow(1, i, 1), plain.narrow(1, i, 1) * multiplier)) << i;
  }
  EXPECT_TRUE(at::equal(
      Encode("a (red:1.6) apple", {.emphasis = prompt::Emphasis::kIgnore}).At(0).context, plain));
}

TEST_F(PromptEncoderTest, TheMeanGoesOverAllEntriesOfAPartAndNoFurther) {
  PromptEncoder encoder = Encoder();
  const auto encode = [&encoder](const std::string& text) {
    return encoder.Encode(prompt::MakeSchedule(text, kPass)).value();
  };
  const at::Tensor alone = encode("a (red:1.6) apple").At(0).context;
  const ConditioningSchedule edited = encode("a (red:1.6) [apple:pear:5]");
  EXPECT_GT((edited.At(0).context - alone).abs().max().item<float>(), 0);
  // Two entries: what both have is scaled by one factor.
  const double plain =
      Mean(encode("a red apple").At(0).context) + Mean(encode("a red pear").At(0).context);
  EXPECT_NEAR(Mean(edited.At(0).context) + Mean(edited.At(10).context), plain, 1e-6);
  // An entry that is never reached counts, and so does each of equal ones.
  EXPECT_FALSE(at::equal(encode("a (red:1.6) [apple:pear:19]").At(0).context, alone));
  EXPECT_FALSE(
      at::equal(encode("a (red:1.6) [apple|apple|pear]").At(0).context, edited.At(0).context));
  EXPECT_TRUE(at::equal(encode("a (red:1.6) apple").At(0).context, alone));
}

TEST_F(PromptEncoderTest, ClipSkipTakesAnEarlierLayer) {
  EXPECT_FALSE(
      at::equal(Encode("a cat", {.clip_skip = 2}).At(0).context, Encode("a cat").At(0).context));
}

// Two encoders, the second with a pooled vector.
class SdxlPromptEncoderTest : public ::testing::Test {
 protected:
  ConditioningSchedule Encode(const std::string& text, PromptEncoder::Options options = {}) {
    PromptEncoder encoder(model_->text().models(),
                          tokenizer::MakePromptTokenizer(model_->text().tokenizer()), options);
    return encoder.Encode(prompt::MakeSchedule(text, kPass)).value();
  }

  const c10::InferenceMode inference_;
  const std::unique_ptr<DiffusionModel> model_ =
      DiffusionModel::Load("tests/golden/tiny_sdxl", {}).value();
};

TEST_F(SdxlPromptEncoderTest, EachEncodersOutputKeepsItsOwnMean) {
  const at::Tensor plain = Encode("a red apple").At(0).context;
  const at::Tensor weighted = Encode("a (red:1.6) apple").At(0).context;
  ASSERT_EQ(plain.size(2), 16 + 24);
  EXPECT_NEAR(Mean(weighted.narrow(2, 0, 16)), Mean(plain.narrow(2, 0, 16)), 1e-6);
  EXPECT_NEAR(Mean(weighted.narrow(2, 16, 24)), Mean(plain.narrow(2, 16, 24)), 1e-6);
  EXPECT_GT((weighted - plain).abs().max().item<float>(), 1e-3);
}

TEST_F(SdxlPromptEncoderTest, ThePooledVectorIsTheFirstChunksAndNeverWeighted) {
  const at::Tensor pooled = Encode("a red apple").At(0).vector;
  EXPECT_EQ(pooled.sizes(), at::IntArrayRef({1, 20}));
  EXPECT_TRUE(at::equal(Encode("a (red:1.6) apple").At(0).vector, pooled));
  EXPECT_TRUE(Encode("a red apple BREAK a cat").At(0).vector.allclose(pooled, 1e-5, 1e-6));
  EXPECT_FALSE(Encode("a cat BREAK a red apple").At(0).vector.allclose(pooled, 1e-3, 1e-3));
  const ConditioningSchedule edited = Encode("a red [apple:pear:5]");
  EXPECT_TRUE(edited.At(0).vector.allclose(pooled, 1e-5, 1e-6));
  EXPECT_FALSE(edited.At(10).vector.allclose(pooled, 1e-3, 1e-3));
}

TEST_F(PromptEncoderTest, TheWorstPromptsThatTheLimitsAllowAreEncodedOrRefused) {
  constexpr prompt::PassSteps kLongest = {.steps = 300};
  const auto encode = [&](const std::string& text) {
    const prompt::PromptSize size = prompt::MeasurePrompt(text, kLongest);
    EXPECT_LE(size.breaks, prompt::kMaxBreaks);
    EXPECT_LE(size.variant_bytes, prompt::kMaxVariantBytes);
    PromptEncoder encoder = Encoder();
    return encoder.Encode(prompt::MakeSchedule(text, kLongest));
  };
  const auto rotation = [](int options) {
    std::string text = "[0";
    for (int i = 1; i < options; ++i) text += "|" + std::to_string(i);
    return text + "]";
  };
  // Sixteen variants of four thousand bytes, one token each: 54 chunks a variant.
  const auto longest = encode(rotation(15) + Repeat(2000, "1 "));
  ASSERT_TRUE(longest.ok()) << longest.status();
  EXPECT_GE(longest->max_tokens(), 25 * prompt::kChunkLength);
  // One text of nothing but chunks.
  const auto broken = encode(Repeat(prompt::kMaxBreaks, "1 BREAK "));
  ASSERT_TRUE(broken.ok()) << broken.status();
  EXPECT_EQ(broken->max_tokens(), prompt::kMaxBreaks * prompt::kChunkLength);
  // Both: hundreds of variants, each of many chunks.
  const auto both = encode(rotation(90) + Repeat(prompt::kMaxBreaks, "1 BREAK "));
  EXPECT_TRUE(absl::IsInvalidArgument(both.status()));
  EXPECT_THAT(std::string(both.status().message()), HasSubstr("1024 chunks"));
}

TEST_F(PromptEncoderTest, TheChunksOfAllPartsCountTogether) {
  PromptEncoder encoder = Encoder();
  const prompt::Schedule part =
      prompt::MakeSchedule("[0|1|2]" + Repeat(prompt::kMaxBreaks, "1 BREAK "), kPass);
  absl::Status status;
  int parts = 0;
  while ((status = encoder.Encode(part).status()).ok()) ++parts;
  EXPECT_EQ(parts, static_cast<int>(PromptEncoder::kMaxChunks / (3 * prompt::kMaxBreaks)));
}

}  // namespace
}  // namespace darkroom::diffusion
