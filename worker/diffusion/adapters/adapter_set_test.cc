#include "worker/diffusion/adapters/adapter_set.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "ATen/ops/full.h"
#include "ATen/ops/zeros.h"
#include "absl/status/status.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/adapters/test_file.h"
#include "worker/diffusion/ops/cpu_ops.h"

namespace darkroom::diffusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr char kQuery[] = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q";
constexpr char kTextKey[] = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k";
constexpr char kConvolution[] = "lora_unet_mid_block_resnets_0_conv1";
constexpr char kEncoder[] = "lora_te_text_model_encoder_layers_0_mlp_fc1";

// Loads a file for a model with a linear, a linear over text of 768 channels, a convolution and a
// layer of one text encoder.
class AdapterSetTest : public testing::Test {
 protected:
  AdapterSetTest()
      : file_(testing::UnitTest::GetInstance()->current_test_info()->name()),
        modules_(
            {{Component::kUNet, "mid_block.attentions.0.transformer_blocks.0.attn1.to_q", {6, 4}},
             {Component::kUNet, "mid_block.attentions.0.transformer_blocks.0.attn2.to_k", {6, 768}},
             {Component::kUNet, "mid_block.resnets.0.conv1", {6, 4, 3, 3}},
             {Component::kTextEncoder, "text_model.encoder.layers.0.mlp.fc1", {8, 4}}}) {}

  void Add(const std::string& module, const std::string& part,
           const std::vector<std::int64_t>& shape, float value = 0.5f) {
    file_.Add(module + "." + part, shape, value);
  }

  void AddLora(const std::string& module, std::int64_t out, std::int64_t in) {
    Add(module, "lora_down.weight", {2, in});
    Add(module, "lora_up.weight", {out, 2});
  }

  std::string Problem() {
    const absl::Status status = AdapterSet::Load(file_.Open(), modules_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(file_.path() + ": "));
    return std::string(status.message());
  }

  const c10::InferenceMode inference_;
  TestFile file_;
  const ModuleIndex modules_;
};

TEST_F(AdapterSetTest, EachModuleGetsItsAdapterAndTheOthersNone) {
  AddLora(kQuery, 6, 4);
  AddLora(kEncoder, 8, 4);
  const auto set = AdapterSet::Load(file_.Open(), modules_);
  ASSERT_TRUE(set.ok()) << set.status();
  ASSERT_NE(set->Find(0), nullptr);
  EXPECT_EQ(set->Find(1), nullptr);
  EXPECT_EQ(set->Find(2), nullptr);
  ASSERT_NE(set->Find(3), nullptr);
  // Rank 2: each element is 2 * 0.5 * 0.5.
  EXPECT_TRUE(set->Find(0)->Delta(at::zeros({6, 4})).equal(at::full({6, 4}, 0.5)));
}

TEST_F(AdapterSetTest, AlphaIsDividedByTheRankAndMayBeAWholeNumber) {
  AddLora(kQuery, 6, 4);
  file_.AddWhole(std::string(kQuery) + ".alpha", 8);
  AddLora(kEncoder, 8, 4);
  Add(kEncoder, "alpha", {}, 1.0f);
  const auto set = AdapterSet::Load(file_.Open(), modules_);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_TRUE(set->Find(0)->Delta(at::zeros({6, 4})).equal(at::full({6, 4}, 2.0)));
  EXPECT_TRUE(set->Find(3)->Delta(at::zeros({8, 4})).equal(at::full({8, 4}, 0.25)));
}

TEST_F(AdapterSetTest, AMatrixMayBeStoredAsAKernelOfOneAndTheOtherWayRound) {
  Add(kQuery, "lora_down.weight", {2, 4, 1, 1});
  Add(kQuery, "lora_up.weight", {6, 2, 1, 1});
  Add(kConvolution, "lora_down.weight", {2, 4, 3, 3});
  Add(kConvolution, "lora_up.weight", {6, 2});
  const auto set = AdapterSet::Load(file_.Open(), modules_);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_TRUE(set->Find(2)->Delta(at::zeros({6, 4, 3, 3})).equal(at::full({6, 4, 3, 3}, 0.5)));
}

TEST_F(AdapterSetTest, AnInpaintingModelTakesWhatWasMadeForThePlainOne) {
  const ModuleIndex inpainting({{Component::kUNet, "conv_in", {6, 9, 3, 3}}});
  AddLora("lora_unet_conv_in", 6, 4 * 9);
  const auto set = AdapterSet::Load(file_.Open(), inpainting);
  ASSERT_TRUE(set.ok()) << set.status();
  const at::Tensor delta = set->Find(0)->Delta(at::zeros({6, 9, 3, 3}));
  EXPECT_TRUE(delta.narrow(1, 0, 4).equal(at::full({6, 4, 3, 3}, 0.5)));
  EXPECT_TRUE(delta.narrow(1, 4, 5).equal(at::zeros({6, 5, 3, 3})));
  // Ones in the latents: 36 products of 0.5 where the kernel lies inside; the rest is not seen.
  at::Tensor x = at::full({2, 9, 3, 3}, 7.0);
  x.narrow(1, 0, 4).fill_(1);
  const Placement place{.weight = at::zeros({6, 9, 3, 3}), .convolution = true, .padding = 1};
  const at::Tensor y = set->Find(0)
                           ->MakeBranch(place, CpuOps())
                           ->Forward(x, at::full({2, 1, 1, 1}, 0.5), at::zeros({2, 6, 3, 3}));
  EXPECT_EQ(y[0][0][1][1].item<float>(), 9);
}

TEST_F(AdapterSetTest, AnInputConvolutionThatFitsNeitherIsRefused) {
  const ModuleIndex inpainting({{Component::kUNet, "conv_in", {6, 9, 3, 3}}});
  AddLora("lora_unet_conv_in", 6, 5 * 9);
  EXPECT_THAT(std::string(AdapterSet::Load(file_.Open(), inpainting).status().message()),
              HasSubstr("make it [2, 9, 3, 3]"));
}

TEST_F(AdapterSetTest, AFileOfAnotherFamilySaysForWhichItLooksMade) {
  AddLora(kTextKey, 6, 2048);
  EXPECT_THAT(Problem(),
              AllOf(HasSubstr("attn2.to_k"), HasSubstr("[2, 2048]"),
                    HasSubstr("looks made for SDXL, this model is Stable Diffusion 1.x")));
}

TEST_F(AdapterSetTest, ASecondTextEncoderIsSDXLsAndDoubleBlocksAreFluxs) {
  AddLora("lora_te2_text_model_encoder_layers_0_mlp_fc1", 8, 4);
  EXPECT_THAT(Problem(), AllOf(HasSubstr("'lora_te2_text_model_encoder_layers_0_mlp_fc1."),
                               HasSubstr("no linear layer or convolution of this model"),
                               HasSubstr("looks made for SDXL")));
  TestFile flux("flux");
  flux.Add("lora_unet_double_blocks_0_img_attn_proj.lora_down.weight", {2, 4});
  EXPECT_THAT(std::string(AdapterSet::Load(flux.Open(), modules_).status().message()),
              HasSubstr("looks made for Flux"));
}

TEST_F(AdapterSetTest, AnUnknownModuleOfTheSameFamilyIsNamedWithoutAGuess) {
  AddLora(kTextKey, 6, 768);
  AddLora("lora_unet_mid_block_attentions_7_proj_in", 6, 4);
  EXPECT_THAT(Problem(), AllOf(HasSubstr("mid_block_attentions_7_proj_in"),
                               testing::Not(HasSubstr("looks made for"))));
}

TEST_F(AdapterSetTest, RanksThatDisagreeAreRefused) {
  Add(kQuery, "lora_down.weight", {2, 4});
  Add(kQuery, "lora_up.weight", {6, 3});
  EXPECT_THAT(Problem(), AllOf(HasSubstr(std::string(kQuery) + ".lora_up.weight' is [6, 3]"),
                               HasSubstr("make it [6, 2]")));
}

TEST_F(AdapterSetTest, RanksOfAKroneckerProductThatDisagreeAreRefused) {
  Add(kQuery, "lokr_w1_a", {2, 1});
  Add(kQuery, "lokr_w1_b", {1, 2});
  Add(kQuery, "lokr_w2_a", {3, 2});
  Add(kQuery, "lokr_w2_b", {2, 2});
  EXPECT_THAT(Problem(), HasSubstr("lokr_w1_b and lokr_w2_b have ranks 1 and 2"));
}

TEST_F(AdapterSetTest, AKroneckerProductThatDoesNotDivideTheModuleIsRefused) {
  Add(kQuery, "lokr_w1", {4, 2});
  Add(kQuery, "lokr_w2", {2, 2});
  EXPECT_THAT(Problem(), HasSubstr("4 x 2, which does not divide the module's 6 x 4"));
}

TEST_F(AdapterSetTest, AShapeThatDoesNotFitIsRefused) {
  Add(kConvolution, "diff", {6, 4, 1, 1});
  EXPECT_THAT(Problem(), HasSubstr("diff' is [6, 4, 1, 1]"));
}

TEST_F(AdapterSetTest, AMissingHalfIsRefused) {
  Add(kQuery, "lora_up.weight", {6, 2});
  EXPECT_THAT(Problem(), HasSubstr("has no lora_down"));
}

TEST_F(AdapterSetTest, ALonelyAlphaIsNoAdapter) {
  Add(kQuery, "alpha", {});
  EXPECT_THAT(Problem(), HasSubstr("has parts of an adapter, and none whole"));
}

TEST_F(AdapterSetTest, TwoKindsOfOneModuleAreRefused) {
  AddLora(kQuery, 6, 4);
  Add(kQuery, "diff", {6, 4});
  EXPECT_THAT(Problem(), HasSubstr("diff' does not go together"));
}

TEST_F(AdapterSetTest, TheSameInTwoSpellingsIsRefused) {
  AddLora(kConvolution, 6, 4);
  file_.Add("unet.mid_block.resnets.0.conv1.lora.up.weight", {6, 2});
  EXPECT_THAT(Problem(), HasSubstr("are the same of one module"));
}

TEST_F(AdapterSetTest, ValuesThatAreNotFiniteAreRefused) {
  for (const float value : {std::nanf(""), std::numeric_limits<float>::infinity(), -HUGE_VALF}) {
    TestFile file("not_finite");
    file.Add(std::string(kQuery) + ".lora_down.weight", {2, 4});
    file.Add(std::string(kQuery) + ".lora_up.weight", {6, 2}, value);
    EXPECT_THAT(std::string(AdapterSet::Load(file.Open(), modules_).status().message()),
                HasSubstr("lora_up.weight' has a value that is not finite"));
  }
}

TEST_F(AdapterSetTest, ATensorWithoutElementsAndATensorOfWholeNumbersAreRefused) {
  Add(kQuery, "lora_down.weight", {0, 4});
  EXPECT_THAT(Problem(), HasSubstr("is [0, 4], which has no rank"));
  TestFile whole("whole");
  whole.AddWhole(std::string(kQuery) + ".lora_down.weight", 1);
  EXPECT_THAT(std::string(AdapterSet::Load(whole.Open(), modules_).status().message()),
              HasSubstr("none of floating-point numbers"));
}

TEST_F(AdapterSetTest, AnUnsupportedKindIsRefusedByName) {
  AddLora(kQuery, 6, 4);
  Add(kConvolution, "oft_blocks", {2, 3, 3});
  EXPECT_THAT(Problem(), HasSubstr("is OFT, which is not supported"));
}

TEST_F(AdapterSetTest, AnEmptyFileIsRefused) {
  EXPECT_THAT(Problem(), HasSubstr("there are no tensors in it"));
}

}  // namespace
}  // namespace darkroom::diffusion
