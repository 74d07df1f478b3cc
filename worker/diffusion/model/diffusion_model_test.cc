#include "worker/diffusion/model/diffusion_model.h"

#include <filesystem>
#include <string>
#include <vector>

#include "ATen/ops/equal.h"
#include "ATen/ops/isfinite.h"
#include "ATen/ops/ones.h"
#include "absl/status/status.h"
#include "c10/core/InferenceMode.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prompt/chunks.h"
#include "tokenizer/prompt_tokenizer.h"
#include "worker/diffusion/weights/model_folder.h"
#include "worker/diffusion/weights/published_configs.h"

namespace darkroom::diffusion {
namespace {

using testing::HasSubstr;

constexpr char kTinyModel[] = "tests/golden/tiny_model";

class DiffusionModelTest : public testing::Test {
 protected:
  DiffusionModelTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::copy(kTinyModel, folder_, std::filesystem::copy_options::recursive);
  }
  ~DiffusionModelTest() override { std::filesystem::remove_all(folder_); }

  std::string Problem(const LoadOptions& options = {}) {
    const absl::Status status = DiffusionModel::Load(folder_, options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  }

  const c10::InferenceMode inference_;
  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      testing::UnitTest::GetInstance()->current_test_info()->name();
};

std::vector<TokenChunk> Chunks(DiffusionModel& model, const std::string& text) {
  std::vector<TokenChunk> chunks;
  for (const prompt::Chunk& chunk :
       prompt::ChunkPrompt(text, tokenizer::MakePromptTokenizer(model.text().tokenizer()), {})
           .chunks) {
    chunks.push_back(chunk.ids);
  }
  return chunks;
}

TEST_F(DiffusionModelTest, LongPromptsAndClipSkipGiveContextsOfTheirChunks) {
  const auto model = DiffusionModel::Load(folder_, {});
  ASSERT_TRUE(model.ok()) << model.status();
  const absl::Span<const ClipTextModel> encoders = (*model)->text().models();
  const ClipTextModel& text = encoders.front();
  const std::vector<TokenChunk> chunks = Chunks(**model, std::string(300, 'z') + " 1 2 3");
  ASSERT_GE(chunks.size(), 2u);
  const at::Tensor context = text.Encode(chunks, 1).tokens;
  EXPECT_EQ(context.sizes(), at::IntArrayRef({static_cast<std::int64_t>(chunks.size()), 77, 24}));
  // Chunks do not see each other.
  const at::Tensor first = text.Encode(absl::MakeConstSpan(chunks).first(1), 1).tokens;
  EXPECT_TRUE(context.narrow(0, 0, 1).allclose(first, 1e-5, 1e-6));
  for (int skip = 1; skip <= text.layers(); ++skip) {
    EXPECT_EQ(at::equal(text.Encode(chunks, skip).tokens, context), skip == 1) << skip;
  }
}

TEST_F(DiffusionModelTest, EncodersOfOneModelReadTheSameChunksWithTheirOwnPadding) {
  const auto model = DiffusionModel::Load("tests/golden/tiny_sdxl", {});
  ASSERT_TRUE(model.ok()) << model.status();
  const absl::Span<const ClipTextModel> encoders = (*model)->text().models();
  ASSERT_EQ(encoders.size(), 2u);
  const ClipTextModel& second = encoders[1];
  std::vector<TokenChunk> chunks = Chunks(**model, "a cat");
  ASSERT_EQ(chunks.size(), 1u);
  const TextStates states = second.Encode(chunks, 1);
  EXPECT_EQ(states.tokens.sizes(), at::IntArrayRef({1, 77, 24}));
  EXPECT_EQ(states.pooled.sizes(), at::IntArrayRef({1, 20}));
  // Whatever stands behind the first end of text is padding to it.
  chunks[0].back() = 5;
  EXPECT_TRUE(at::equal(second.Encode(chunks, 1).tokens, states.tokens));
  const ClipTextModel& first = encoders[0];
  EXPECT_FALSE(first.Encode(chunks, 1).pooled.defined());
  EXPECT_FALSE(
      at::equal(first.Encode(chunks, 1).tokens, first.Encode(Chunks(**model, "a cat"), 1).tokens));
}

TEST_F(DiffusionModelTest, APooledVectorIsThatOfItsChunkAlone) {
  const auto model = DiffusionModel::Load("tests/golden/tiny_sdxl", {});
  ASSERT_TRUE(model.ok()) << model.status();
  const absl::Span<const ClipTextModel> encoders = (*model)->text().models();
  const ClipTextModel& text = encoders[1];
  const std::vector<TokenChunk> chunks = Chunks(**model, std::string(300, 'z') + " 1 2 3");
  ASSERT_GE(chunks.size(), 3u);
  const at::Tensor pooled = text.Encode(chunks, 1).pooled;
  EXPECT_EQ(pooled.size(0), static_cast<std::int64_t>(chunks.size()));
  const at::Tensor last = text.Encode(absl::MakeConstSpan(chunks).last(1), 1).pooled;
  EXPECT_TRUE(pooled.narrow(0, pooled.size(0) - 1, 1).allclose(last, 1e-5, 1e-6));
  EXPECT_FALSE(pooled.narrow(0, 0, 1).allclose(last, 1e-3, 1e-3));
}

TEST_F(DiffusionModelTest, TokenizersThatReadTextsDifferentlyAreRefused) {
  std::filesystem::remove_all(folder_);
  std::filesystem::copy("tests/golden/tiny_sdxl", folder_,
                        std::filesystem::copy_options::recursive);
  std::string merges = *ReadFile(folder_ / "tokenizer_2/merges.txt", 1 << 20);
  merges.resize(merges.rfind('\n', merges.size() - 2) + 1);
  ASSERT_TRUE(WriteFileAtomically(folder_ / "tokenizer_2/merges.txt", merges).ok());
  EXPECT_THAT(Problem(), HasSubstr("tokenizers of the text encoders read texts differently"));
}

TEST_F(DiffusionModelTest, AVaePictureIsItsScaleTimesTheLatent) {
  const auto model = DiffusionModel::Load(folder_, {});
  ASSERT_TRUE(model.ok()) << model.status();
  const Vae& vae = (*model)->vae();
  const at::Tensor latents = at::ones({1, 4, 6, 5});
  EXPECT_EQ(vae.Decode(latents).sizes(), at::IntArrayRef({1, 3, 24, 20}));
  EXPECT_EQ(vae.Encode(at::ones({2, 3, 24, 20})).mean.sizes(), at::IntArrayRef({2, 4, 6, 5}));
  EXPECT_EQ(vae.ToUNetSpace(latents)[0][0][0][0].item<double>(), 0.25);
  EXPECT_EQ(vae.FromUNetSpace(latents)[0][0][0][0].item<double>(), 4.0);
}

TEST_F(DiffusionModelTest, ATensorOfAnotherShapeIsNamedWithItsFile) {
  std::string config = *ReadFile(folder_ / "vae/config.json", 1 << 20);
  config.replace(config.find("16"), 2, "20");
  ASSERT_TRUE(WriteFileAtomically(folder_ / "vae/config.json", config).ok());
  EXPECT_THAT(Problem(), testing::AllOf(HasSubstr("vae/diffusion_pytorch_model.safetensors"),
                                        HasSubstr("expected [")));
}

TEST_F(DiffusionModelTest, TensorsThatTheConfigHasNoPlaceForAreRefused) {
  std::string config = *ReadFile(folder_ / "text_encoder/config.json", 1 << 20);
  const std::string key = "\"num_hidden_layers\": ";
  config.replace(config.find(key) + key.size(), 1, "2");
  ASSERT_TRUE(WriteFileAtomically(folder_ / "text_encoder/config.json", config).ok());
  EXPECT_THAT(Problem(), HasSubstr("16 tensors that the config has no place for"));
}

TEST_F(DiffusionModelTest, DamagedWeightsAreRefused) {
  std::filesystem::resize_file(folder_ / "unet/diffusion_pytorch_model.safetensors", 1000);
  EXPECT_THAT(Problem(), HasSubstr("unet/diffusion_pytorch_model.safetensors"));
}

TEST_F(DiffusionModelTest, DevicesAndTypesThatDoNotExistAreRefused) {
  EXPECT_THAT(Problem({.device = "tpu"}), HasSubstr("'tpu'"));
  EXPECT_THAT(Problem({.device = "cuda:-1"}), HasSubstr("'cuda:-1'"));
  EXPECT_THAT(Problem({.dtype = at::kHalf}), HasSubstr("does not compute in Half"));
  EXPECT_THAT(Problem({.dtype = at::kLong}), HasSubstr("does not compute in Long"));
}

TEST_F(DiffusionModelTest, ARandomModelIsTheSameForTheSameSeedAndStaysFinite) {
  const auto config = ReadModelConfig(folder_);
  ASSERT_TRUE(config.ok()) << config.status();
  const at::Tensor sample = at::ones({2, 4, 8, 8});
  std::vector<at::Tensor> outputs;
  for (const std::uint64_t seed : {1, 1, 2}) {
    const auto model = DiffusionModel::Random(*config, seed, {});
    ASSERT_TRUE(model.ok()) << model.status();
    const at::Tensor text =
        (*model)->text().models().front().Encode(Chunks(**model, "a b"), 1).tokens;
    outputs.push_back((*model)->unet().Forward(sample, {5, 6}, text.expand({2, -1, -1})));
    EXPECT_TRUE(at::isfinite((*model)->vae().Decode(sample)).all().item<bool>());
  }
  EXPECT_TRUE(at::isfinite(outputs[0]).all().item<bool>());
  EXPECT_TRUE(at::equal(outputs[0], outputs[1]));
  EXPECT_FALSE(at::equal(outputs[0], outputs[2]));
}

TEST_F(DiffusionModelTest, BFloat16StaysNearFloat32) {
  const auto exact = DiffusionModel::Load(folder_, {});
  const auto rough = DiffusionModel::Load(folder_, {.dtype = at::kBFloat16});
  ASSERT_TRUE(exact.ok() && rough.ok());
  const at::Tensor sample = at::ones({2, 4, 8, 8});
  const auto run = [&](DiffusionModel& model) {
    const at::Tensor text = model.text().models().front().Encode(Chunks(model, "a cat"), 1).tokens;
    return model.unet().Forward(sample, {5, 600}, text.expand({2, -1, -1}));
  };
  const at::Tensor expected = run(**exact);
  const at::Tensor actual = run(**rough);
  EXPECT_EQ(actual.scalar_type(), at::kFloat);
  EXPECT_LT(actual.sub(expected).abs().max().item<double>(),
            0.05 * expected.abs().max().item<double>());
  EXPECT_GT(actual.sub(expected).abs().max().item<double>(), 0);
}

TEST(PublishedConfigs, ThePartsFitTogether) {
  for (const ModelConfig& config :
       {Sd15Config(), Sd21Config(), SdxlConfig(), SdxlRefinerConfig()}) {
    EXPECT_TRUE(CheckModelConfig(config).ok()) << FamilyName(config.family);
    EXPECT_EQ(config.vae.scale(), 8);
  }
}

}  // namespace
}  // namespace darkroom::diffusion
