#include "worker/diffusion/model/load_model.h"

#include <filesystem>
#include <string>
#include <vector>

#include "ATen/ops/equal.h"
#include "ATen/ops/full.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using testing::HasSubstr;

const std::filesystem::path kCheckpoints = "tests/golden/checkpoints";
const std::filesystem::path kTokenizer = "tests/golden/tiny_model/tokenizer";

std::string Problem(const ModelFiles& files) {
  const c10::InferenceMode inference;
  return std::string(LoadModel(files, {}).status().message());
}

class SingleFileTest : public testing::TestWithParam<const char*> {};

TEST_P(SingleFileTest, EveryPartOfTheFamilyLoads) {
  const c10::InferenceMode inference;
  const auto path = kCheckpoints / (std::string(GetParam()) + ".safetensors");
  const auto model = LoadModel({.model = path, .vae = {}, .tokenizer = kTokenizer}, {});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(FamilyName((*model)->config().family), GetParam());
  const at::Tensor picture = (*model)->vae().Decode(at::full({1, 4, 4, 4}, 0.5));
  EXPECT_EQ(picture.sizes(), (std::vector<std::int64_t>{1, 3, 8, 8}));
}

INSTANTIATE_TEST_SUITE_P(Families, SingleFileTest, testing::Values("sd1", "sd2", "sdxl"));

TEST(LoadModel, AnotherVaeChangesTheDecoderAndKeepsTheScale) {
  const c10::InferenceMode inference;
  const auto path = kCheckpoints / "sdxl.safetensors";
  const auto own = LoadModel({.model = path, .vae = {}, .tokenizer = kTokenizer}, {});
  const auto other = LoadModel(
      {.model = path, .vae = kCheckpoints / "vae.safetensors", .tokenizer = kTokenizer}, {});
  ASSERT_TRUE(own.ok()) << own.status();
  ASSERT_TRUE(other.ok()) << other.status();
  const at::Tensor latent = at::full({1, 4, 4, 4}, 0.5);
  EXPECT_FALSE(at::equal((*own)->vae().Decode(latent), (*other)->vae().Decode(latent)));
  EXPECT_EQ((*other)->config().vae.scaling_factor, 0.13025);
}

TEST(LoadModel, AFolderTakesAnotherVaeToo) {
  const c10::InferenceMode inference;
  const auto model = LoadModel({.model = "tests/golden/tiny_model",
                                .vae = kCheckpoints / "vae.safetensors",
                                .tokenizer = {}},
                               {});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ((*model)->config().vae.scale(), 2);
  EXPECT_EQ((*model)->config().vae.scaling_factor, 0.25);
}

TEST(LoadModel, ProblemsNameTheFile) {
  EXPECT_THAT(
      Problem({.model = kCheckpoints / "vae.safetensors", .vae = {}, .tokenizer = kTokenizer}),
      HasSubstr("vae.safetensors: looks like a VAE"));
  EXPECT_THAT(Problem({.model = kCheckpoints / "sd1.safetensors",
                       .vae = "tests/golden/seeds/seeds.safetensors",
                       .tokenizer = kTokenizer}),
              HasSubstr("seeds.safetensors: is no VAE"));
  EXPECT_THAT(
      Problem({.model = kCheckpoints / "sd1.safetensors", .vae = {}, .tokenizer = "absent"}),
      HasSubstr("absent"));
}

}  // namespace
}  // namespace darkroom::diffusion
