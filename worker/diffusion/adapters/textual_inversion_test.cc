#include "worker/diffusion/adapters/textual_inversion.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/adapters/test_file.h"

namespace darkroom::diffusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class TextualInversionTest : public testing::Test {
 protected:
  std::string Problem(const TestFile& file, const std::vector<std::int64_t>& widths) {
    const absl::Status status = LoadTextualInversion(file.Open(), widths).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(file.path() + ": "));
    return std::string(status.message());
  }

  const c10::InferenceMode inference_;
};

TEST_F(TextualInversionTest, OneTensorUnderAnyNameIsTheVectorsAndTheFileNamesTheWord) {
  for (const char* name : {"emb_params", "<cat-toy>"}) {
    TestFile file("bad hands-5.safetensors");
    file.Add(name, {3, 768}, 0.25f);
    const auto embedding = LoadTextualInversion(file.Open(), {768});
    ASSERT_TRUE(embedding.ok()) << embedding.status();
    EXPECT_EQ(embedding->name, "bad hands-5");
    ASSERT_EQ(embedding->vectors.size(), 1u);
    EXPECT_EQ(embedding->vectors[0].sizes(), at::IntArrayRef({3, 768}));
    EXPECT_EQ(embedding->vectors[0][2][767].item<float>(), 0.25f);
  }
}

TEST_F(TextualInversionTest, ABareVectorIsOne) {
  TestFile file("word.safetensors");
  file.Add("<word>", {1024});
  const auto embedding = LoadTextualInversion(file.Open(), {1024});
  ASSERT_TRUE(embedding.ok()) << embedding.status();
  EXPECT_EQ(embedding->vectors[0].sizes(), at::IntArrayRef({1, 1024}));
}

TEST_F(TextualInversionTest, APairIsOrderedByEncoder) {
  TestFile file("pair.safetensors");
  file.Add("clip_g", {2, 1280}, 2);
  file.Add("clip_l", {2, 768}, 1);
  const auto embedding = LoadTextualInversion(file.Open(), {768, 1280});
  ASSERT_TRUE(embedding.ok()) << embedding.status();
  ASSERT_EQ(embedding->vectors.size(), 2u);
  EXPECT_EQ(embedding->vectors[0].sizes(), at::IntArrayRef({2, 768}));
  EXPECT_EQ(embedding->vectors[0][0][0].item<float>(), 1);
  EXPECT_EQ(embedding->vectors[1].sizes(), at::IntArrayRef({2, 1280}));
}

TEST_F(TextualInversionTest, AnotherFamilysEmbeddingIsRefusedWithBothNames) {
  TestFile file("word.safetensors");
  file.Add("emb_params", {2, 768});
  EXPECT_THAT(Problem(file, {1024}),
              AllOf(HasSubstr("768 channels (Stable Diffusion 1.x)"),
                    HasSubstr("this model's have 1024 (Stable Diffusion 2.x)")));
  EXPECT_THAT(Problem(file, {768, 1280}), HasSubstr("768 and 1280 (SDXL)"));
}

TEST_F(TextualInversionTest, APairOfOneIsRefused) {
  TestFile file("half.safetensors");
  file.Add("clip_l", {2, 768});
  EXPECT_THAT(Problem(file, {768, 1280}), HasSubstr("one clip_l and one clip_g"));
}

TEST_F(TextualInversionTest, APairOfDifferentLengthsIsRefused) {
  TestFile file("pair.safetensors");
  file.Add("clip_l", {2, 768});
  file.Add("clip_g", {3, 1280});
  EXPECT_THAT(Problem(file, {768, 1280}), HasSubstr("'clip_g' has 3 vectors, 'clip_l' has 2"));
}

TEST_F(TextualInversionTest, MoreTensorsAreRefusedByName) {
  TestFile file("lora.safetensors");
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) file.Add(name, {1, 768});
  EXPECT_THAT(Problem(file, {768}), HasSubstr("its 6 tensors (f, e, d, c, b)"));
  TestFile none("none.safetensors");
  EXPECT_THAT(Problem(none, {768}), HasSubstr("its 0 tensors"));
}

TEST_F(TextualInversionTest, VectorsBeyondAChunkAndNoneAreRefused) {
  TestFile many("many.safetensors");
  many.Add("emb_params", {76, 768});
  EXPECT_THAT(Problem(many, {768}), HasSubstr("has 76 vectors; 1 to 75"));
  TestFile none("none.safetensors");
  none.Add("emb_params", {0, 768});
  EXPECT_THAT(Problem(none, {768}), HasSubstr("has 0 vectors"));
}

TEST_F(TextualInversionTest, AnotherShapeAndValuesThatAreNotFiniteAreRefused) {
  TestFile cube("cube.safetensors");
  cube.Add("emb_params", {1, 1, 768});
  EXPECT_THAT(Problem(cube, {768}), HasSubstr("is [1, 1, 768], not [vectors, channels]"));
  TestFile file("nan.safetensors");
  file.Add("emb_params", {1, 768}, std::nanf(""));
  EXPECT_THAT(Problem(file, {768}), HasSubstr("not finite"));
}

}  // namespace
}  // namespace darkroom::diffusion
