#include "worker/diffusion/weights/model_folder.h"

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_replace.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/weights/unet_inputs.h"

namespace darkroom::diffusion {
namespace {

using testing::HasSubstr;

// A copy of a small model of the golden tests, to be damaged.
class ModelFolderTest : public testing::Test {
 protected:
  ModelFolderTest() { Copy("tiny_model"); }
  ~ModelFolderTest() override { std::filesystem::remove_all(folder_); }

  void Copy(const std::string& model) {
    std::filesystem::remove_all(folder_);
    std::filesystem::copy("tests/golden/" + model, folder_,
                          std::filesystem::copy_options::recursive);
  }

  void Replace(const std::string& file, const std::string& from, const std::string& to) {
    const auto text = ReadFile(folder_ / file, 1 << 20);
    ASSERT_TRUE(text.ok()) << text.status();
    ASSERT_THAT(*text, HasSubstr(from));
    ASSERT_TRUE(WriteFileAtomically(folder_ / file, absl::StrReplaceAll(*text, {{from, to}})).ok());
  }

  void Write(const std::string& file, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomically(folder_ / file, text).ok());
  }

  std::string Problem() {
    const absl::Status status = ReadModelConfig(folder_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(ModelFolderTest, EveryConfigIsRead) {
  const auto config = ReadModelConfig(folder_);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->text_encoders[0].tokenizer.pad_token, "<|endoftext|>");
  EXPECT_EQ(config->text_encoders[0].clip.num_hidden_layers, 3);
  EXPECT_EQ(config->text_encoders[0].clip.activation, TextActivation::kGelu);
  ASSERT_EQ(config->unet.levels.size(), 4u);
  EXPECT_EQ(config->unet.levels[1].channels, 16);
  EXPECT_EQ(config->unet.levels[1].heads, 4);
  EXPECT_FALSE(config->unet.levels[0].down_attention);
  EXPECT_TRUE(config->unet.levels[2].up_attention);
  EXPECT_FALSE(config->unet.levels[3].up_attention);
  EXPECT_EQ(config->vae.scale(), 4);
  EXPECT_EQ(config->vae.scaling_factor, 0.25);
  EXPECT_EQ(config->schedule.beta_schedule, BetaSchedule::kScaledLinear);
  EXPECT_FALSE(config->preview.has_value());
}

TEST_F(ModelFolderTest, APreviewIsReadWhereThereIsOne) {
  Write("preview.json", R"({"latent_rgb_factors": [[1,2,3],[4,5,6],[7,8,9],[10,11,12]],
                            "latent_rgb_bias": [0.5, -1, 0]})");
  const auto config = ReadModelConfig(folder_);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->preview->latent_rgb_factors[2][1], 8.0f);
  EXPECT_EQ(config->preview->latent_rgb_bias[0], 0.5f);
  Write("preview.json", R"({"latent_rgb_factors": [[1,2,3]], "latent_rgb_bias": [0.5, -1, 0]})");
  EXPECT_THAT(Problem(), HasSubstr("latent_rgb_factors"));
}

TEST_F(ModelFolderTest, TheFamilyIsToldByTheUNetAndTheEncoders) {
  EXPECT_EQ(ReadModelConfig(folder_)->family, ModelFamily::kSd1);
  EXPECT_TRUE(ReadModelConfig(folder_)->text_encoders[0].obeys_clip_skip);
  Copy("tiny_sd2");
  const auto sd2 = ReadModelConfig(folder_);
  ASSERT_TRUE(sd2.ok()) << sd2.status();
  EXPECT_EQ(sd2->family, ModelFamily::kSd2);
  EXPECT_EQ(sd2->schedule.prediction_type, PredictionType::kVPrediction);
  EXPECT_EQ(sd2->text_encoders[0].tokenizer.pad_token, "\u0100");
  EXPECT_TRUE(sd2->text_encoders[0].final_norm);
  EXPECT_FALSE(sd2->text_encoders[0].obeys_clip_skip);
  EXPECT_EQ(sd2->text_encoders[0].clip.projection_dim, 0);
}

TEST_F(ModelFolderTest, SdxlHasTwoEncodersDepthsAndAnAddedVector) {
  Copy("tiny_sdxl");
  const auto config = ReadModelConfig(folder_);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->family, ModelFamily::kSdxl);
  ASSERT_EQ(config->text_encoders.size(), 2u);
  EXPECT_EQ(config->text_encoders[0].tokenizer.pad_token, "<|endoftext|>");
  EXPECT_EQ(config->text_encoders[1].tokenizer.pad_token, "\u0100");
  EXPECT_EQ(config->text_encoders[0].clip.projection_dim, 0);
  EXPECT_EQ(config->text_encoders[1].clip.projection_dim, 20);
  EXPECT_EQ(config->text_encoders[1].layer_from_end, 2);
  EXPECT_FALSE(config->text_encoders[1].final_norm);
  EXPECT_EQ(config->unet.levels[2].transformer_layers, 3);
  EXPECT_EQ(config->unet.projection_class_embeddings_input_dim, 68);
  EXPECT_EQ(config->vae.scaling_factor, 0.13025);
  Replace("unet/config.json", R"("projection_class_embeddings_input_dim": 68)",
          R"("projection_class_embeddings_input_dim": 60)");
  EXPECT_THAT(Problem(), HasSubstr("projection_class_embeddings_input_dim is not"));
}

TEST_F(ModelFolderTest, ARefinerHasTheSecondEncoderAlone) {
  Copy("tiny_refiner");
  const auto config = ReadModelConfig(folder_);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->family, ModelFamily::kSdxlRefiner);
  ASSERT_EQ(config->text_encoders.size(), 1u);
  EXPECT_EQ(TextEncoderPart(config->family, 0), "text_encoder_2");
  EXPECT_EQ(config->unet.levels[1].transformer_layers, 2);
}

TEST_F(ModelFolderTest, UNetsOfInpaintingAndInstructionAreTold) {
  const auto inputs = [this](const std::string& channels) {
    Copy("tiny_model");
    Replace("unet/config.json", R"("in_channels": 4)", R"("in_channels": )" + channels);
    const auto config = ReadModelConfig(folder_);
    EXPECT_TRUE(config.ok()) << config.status();
    return InputsOf(config->unet, config->vae);
  };
  EXPECT_EQ(inputs("4"), UNetInputs::kLatent);
  EXPECT_EQ(inputs("9"), UNetInputs::kInpainting);
  EXPECT_EQ(inputs("8"), UNetInputs::kInstruction);
  Replace("unet/config.json", R"("in_channels": 8)", R"("in_channels": 5)");
  EXPECT_THAT(Problem(), HasSubstr("in_channels"));
}

TEST_F(ModelFolderTest, FeaturesThatAreNotBuiltAreRefusedByName) {
  Replace("unet/config.json", R"("class_embed_type": null)", R"("class_embed_type": "timestep")");
  EXPECT_THAT(Problem(), testing::AllOf(HasSubstr("unet/config.json"),
                                        HasSubstr("'class_embed_type' is not supported")));
}

TEST_F(ModelFolderTest, AnotherActivationIsRefusedByName) {
  Replace("unet/config.json", R"("act_fn": "silu")", R"("act_fn": "mish")");
  EXPECT_THAT(Problem(), HasSubstr("'act_fn' is supported as 'silu' only"));
}

TEST_F(ModelFolderTest, GroupsThatDoNotDivideChannelsAreRefused) {
  Replace("unet/config.json", R"("norm_num_groups": 4)", R"("norm_num_groups": 5)");
  EXPECT_THAT(Problem(), HasSubstr("'norm_num_groups' does not divide"));
}

TEST_F(ModelFolderTest, SizesOutOfBoundsAreRefused) {
  Replace("text_encoder/config.json", R"("hidden_size": 24)", R"("hidden_size": 1000000000)");
  EXPECT_THAT(Problem(), HasSubstr("'hidden_size'"));
}

TEST_F(ModelFolderTest, AMissingKeyIsNamed) {
  Replace("text_encoder/config.json", R"("vocab_size")", R"("vocabulary")");
  EXPECT_THAT(Problem(), HasSubstr("'vocab_size' is missing"));
}

TEST_F(ModelFolderTest, PartsThatDoNotFitTogetherAreRefused) {
  Replace("unet/config.json", R"("cross_attention_dim": 24)", R"("cross_attention_dim": 48)");
  EXPECT_THAT(Problem(), HasSubstr("cross_attention_dim is not the text model's hidden_size"));
}

TEST_F(ModelFolderTest, UnsupportedNoiseSchedulesAreRefused) {
  Replace("scheduler/scheduler_config.json", "scaled_linear", "squaredcos_cap_v2");
  EXPECT_THAT(Problem(), HasSubstr("supported: linear, scaled_linear"));
}

TEST_F(ModelFolderTest, BrokenJsonNamesTheFile) {
  Write("vae/config.json", "{");
  EXPECT_THAT(Problem(), HasSubstr("vae/config.json: JSON"));
}

TEST_F(ModelFolderTest, MissingFilesAreNotFound) {
  std::filesystem::remove(folder_ / "unet" / "config.json");
  EXPECT_EQ(ReadModelConfig(folder_).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ModelFolderTest, ThePlainWeightsAreTakenBeforeTheHalfPrecisionOnes) {
  EXPECT_EQ(FindWeights(folder_, "unet")->filename(), "diffusion_pytorch_model.safetensors");
  EXPECT_EQ(FindWeights(folder_, "text_encoder")->filename(), "model.safetensors");
  std::filesystem::rename(folder_ / "unet" / "diffusion_pytorch_model.safetensors",
                          folder_ / "unet" / "diffusion_pytorch_model.fp16.safetensors");
  EXPECT_EQ(FindWeights(folder_, "unet")->filename(), "diffusion_pytorch_model.fp16.safetensors");
  std::filesystem::remove_all(folder_ / "unet");
  EXPECT_EQ(FindWeights(folder_, "unet").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace darkroom::diffusion
