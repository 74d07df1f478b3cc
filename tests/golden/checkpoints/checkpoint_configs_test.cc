// Configs of full-size checkpoints from nothing but the names and shapes of their tensors.

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/weights/checkpoint_config.h"
#include "worker/diffusion/weights/checkpoint_layout.h"
#include "worker/diffusion/weights/published_configs.h"

namespace darkroom::diffusion {
namespace {

using testing::HasSubstr;
using Tensors = SafetensorsFile::Tensors;

const char kLastNorm[] = "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias";
const char kFirstConvolution[] = "model.diffusion_model.input_blocks.0.0.weight";

// The tensors of a FAMILY.shapes, without bytes.
Tensors Listed(const std::string& family) {
  const auto text = ReadFile("tests/golden/checkpoints/" + family + ".shapes", 1 << 20);
  EXPECT_TRUE(text.ok()) << text.status();
  Tensors tensors;
  for (const absl::string_view line : absl::StrSplit(text.value_or(""), '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    TensorView& view = tensors[words[0]];
    for (std::size_t i = 1; i < words.size(); ++i) {
      std::int64_t size = 0;
      EXPECT_TRUE(absl::SimpleAtoi(words[i], &size)) << line;
      view.shape.push_back(size);
    }
  }
  return tensors;
}

// Gives the tensor that tells SD 2's kinds apart two values, `spread` from their mean.
void SetSpread(float spread, std::vector<float>* values, Tensors* tensors) {
  *values = {1 + spread, 1 - spread};
  tensors->at(kLastNorm).bytes = {reinterpret_cast<const char*>(values->data()),
                                  values->size() * sizeof(float)};
}

absl::StatusOr<ModelConfig> ConfigOf(const Tensors& tensors) {
  const auto layout = IdentifyCheckpoint(tensors);
  if (!layout.ok()) return layout.status();
  return CheckpointConfig(tensors, *layout);
}

// Everything that a config says.
std::string Describe(const ModelConfig& config) {
  std::string text = absl::StrCat(FamilyName(config.family), "\n");
  for (const TextEncoderConfig& encoder : config.text_encoders) {
    const ClipTextConfig& clip = encoder.clip;
    absl::StrAppend(&text, "text ", clip.vocab_size, " ", clip.hidden_size, " ",
                    clip.intermediate_size, " ", clip.num_hidden_layers, " ",
                    clip.num_attention_heads, " ", clip.layer_norm_eps, " ",
                    static_cast<int>(clip.activation));
    absl::StrAppend(&text, " ", clip.projection_dim, " pad ", encoder.tokenizer.pad_token,
                    " layer ", encoder.layer_from_end, encoder.final_norm, encoder.obeys_clip_skip,
                    "\n");
  }
  const UNetConfig& unet = config.unet;
  absl::StrAppend(&text, "unet ", unet.in_channels, " ", unet.out_channels, " ", unet.sample_size,
                  " ", unet.layers_per_block, " ", unet.cross_attention_dim, " ",
                  unet.norm_num_groups, " ", unet.use_linear_projection, " ",
                  unet.projection_class_embeddings_input_dim, " ", unet.addition_time_embed_dim);
  for (const UNetLevel& level : unet.levels) {
    absl::StrAppend(&text, " [", level.channels, " ", level.heads, " ", level.down_attention,
                    level.up_attention, " ", level.transformer_layers, "]");
  }
  const VaeConfig& vae = config.vae;
  absl::StrAppend(&text, "\nvae ", vae.latent_channels, " ", vae.layers_per_block, " ",
                  vae.norm_num_groups, " ", vae.scaling_factor);
  for (const int channels : vae.block_out_channels) absl::StrAppend(&text, " ", channels);
  const NoiseScheduleConfig& schedule = config.schedule;
  absl::StrAppend(&text, "\nschedule ", schedule.num_train_timesteps, " ", schedule.beta_start, " ",
                  schedule.beta_end, " ", static_cast<int>(schedule.beta_schedule), " ",
                  static_cast<int>(schedule.prediction_type), " ", schedule.zero_terminal_snr);
  return text;
}

TEST(CheckpointConfigs, FullSizeFilesHaveTheConfigsThatWerePublished) {
  const auto sd1 = ConfigOf(Listed("sd1"));
  ASSERT_TRUE(sd1.ok()) << sd1.status();
  EXPECT_EQ(Describe(*sd1), Describe(Sd15Config()));
  const auto sdxl = ConfigOf(Listed("sdxl"));
  ASSERT_TRUE(sdxl.ok()) << sdxl.status();
  EXPECT_EQ(Describe(*sdxl), Describe(SdxlConfig()));
  const auto refiner = ConfigOf(Listed("sdxl-refiner"));
  ASSERT_TRUE(refiner.ok()) << refiner.status();
  EXPECT_EQ(Describe(*refiner), Describe(SdxlRefinerConfig()));
}

TEST(CheckpointConfigs, TheSecondGenerationPredictsWhatItsLastNormShows) {
  Tensors tensors = Listed("sd2");
  std::vector<float> values;
  SetSpread(0.12F, &values, &tensors);
  const auto v_prediction = ConfigOf(tensors);
  ASSERT_TRUE(v_prediction.ok()) << v_prediction.status();
  EXPECT_EQ(Describe(*v_prediction), Describe(Sd21Config()));
  SetSpread(0.06F, &values, &tensors);
  const auto epsilon = ConfigOf(tensors);
  ASSERT_TRUE(epsilon.ok()) << epsilon.status();
  EXPECT_EQ(epsilon->schedule.prediction_type, PredictionType::kEpsilon);
  EXPECT_EQ(epsilon->unet.sample_size, 64);
}

TEST(CheckpointConfigs, AnInpaintingModelOfTheSecondGenerationPredictsNoise) {
  Tensors tensors = Listed("sd2");
  std::vector<float> values;
  SetSpread(0.12F, &values, &tensors);
  tensors.at(kFirstConvolution).shape[1] = 9;
  const auto config = ConfigOf(tensors);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->schedule.prediction_type, PredictionType::kEpsilon);
}

TEST(CheckpointConfigs, MarkersDecideThePredictionOfEveryFamily) {
  Tensors tensors = Listed("sdxl");
  tensors["v_pred"].shape = {0};
  tensors["ztsnr"].shape = {0};
  const auto config = ConfigOf(tensors);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->schedule.prediction_type, PredictionType::kVPrediction);
  EXPECT_TRUE(config->schedule.zero_terminal_snr);
}

TEST(CheckpointConfigs, TheUNetMayTakeAMaskOrAPictureBesideTheLatent) {
  for (const char* family : {"sd1", "sdxl", "sdxl-refiner"}) {
    for (const std::int64_t channels : {8, 9}) {
      Tensors tensors = Listed(family);
      tensors.at(kFirstConvolution).shape[1] = channels;
      const auto config = ConfigOf(tensors);
      ASSERT_TRUE(config.ok()) << config.status();
      EXPECT_EQ(config->unet.in_channels, channels);
      EXPECT_EQ(config->unet.out_channels, 4);
    }
  }
}

TEST(CheckpointConfigs, TheLastLayerOfOpenClipHIsNotUsed) {
  Tensors tensors = Listed("sd2");
  std::vector<float> values;
  SetSpread(0.12F, &values, &tensors);
  tensors["cond_stage_model.model.transformer.resblocks.23.mlp.c_fc.weight"].shape = {4096, 1024};
  const auto config = ConfigOf(tensors);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->text_encoders[0].clip.num_hidden_layers, 23);
}

TEST(CheckpointConfigs, WithoutAVaeTheRestIsRead) {
  Tensors tensors = Listed("sd1");
  absl::erase_if(tensors, [](const auto& tensor) {
    return absl::StartsWith(tensor.first, "first_stage_model.");
  });
  const auto layout = IdentifyCheckpoint(tensors);
  ASSERT_TRUE(layout.ok()) << layout.status();
  EXPECT_FALSE(layout->vae.has_value());
  EXPECT_EQ(Describe(CheckpointConfig(tensors, *layout).value()), Describe(Sd15Config()));
}

TEST(CheckpointConfigs, WhateverATensorsShapeIsTheAnswerIsAConfigOrAReason) {
  const Tensors whole = Listed("sdxl-refiner");
  std::vector<std::string> names;
  for (const auto& [name, view] : whole) names.push_back(name);
  std::sort(names.begin(), names.end());
  constexpr std::size_t kStride = 13;  // not every one: each is a walk through all tensors
  for (std::size_t i = 0; i < names.size(); i += kStride) {
    for (const std::int64_t size : {std::int64_t{0}, std::int64_t{1}, std::int64_t{1} << 62}) {
      Tensors tensors = whole;
      for (std::int64_t& dimension : tensors.at(names[i]).shape) dimension = size;
      const auto config = ConfigOf(tensors);
      EXPECT_TRUE(config.ok() || !config.status().message().empty()) << names[i];
    }
    Tensors tensors = whole;
    tensors.at(names[i]).shape.clear();
    const auto flat = ConfigOf(tensors);
    EXPECT_TRUE(flat.ok() || !flat.status().message().empty()) << names[i];
    tensors.erase(names[i]);
    const auto without = ConfigOf(tensors);
    EXPECT_TRUE(without.ok() || !without.status().message().empty()) << names[i];
  }
}

struct Damage {
  std::string what;
  std::function<void(Tensors&)> damage;
  std::string problem;
};

class DamagedCheckpointTest : public testing::TestWithParam<Damage> {};

TEST_P(DamagedCheckpointTest, IsRefusedByNameAndReason) {
  Tensors tensors = Listed("sdxl");
  GetParam().damage(tensors);
  EXPECT_THAT(std::string(ConfigOf(tensors).status().message()), HasSubstr(GetParam().problem));
}

const char kUNet[] = "model.diffusion_model.";

INSTANTIATE_TEST_SUITE_P(
    Damages, DamagedCheckpointTest,
    testing::Values(
        Damage{"a_shallower_transformer",
               [](Tensors& tensors) {
                 tensors.erase(absl::StrCat(
                     kUNet, "input_blocks.8.1.transformer_blocks.9.attn2.to_k.weight"));
               },
               "input_blocks.8.' differs from the blocks beside it"},
        Damage{"no_middle",
               [](Tensors& tensors) {
                 absl::erase_if(tensors, [](const auto& tensor) {
                   return absl::StrContains(tensor.first, ".middle_block.1.");
                 });
               },
               "middle_block.1.' differs"},
        Damage{"a_level_shorter",
               [](Tensors& tensors) {
                 tensors.erase(absl::StrCat(kUNet, "input_blocks.5.0.in_layers.2.weight"));
               },
               "input_blocks.5.' differs"},
        Damage{"no_output",
               [](Tensors& tensors) { tensors.erase(absl::StrCat(kUNet, "out.2.weight")); },
               "'model.diffusion_model.out.2.weight' is missing"},
        Damage{"odd_channels",
               [](Tensors& tensors) {
                 tensors.at(absl::StrCat(kUNet, "input_blocks.1.0.in_layers.2.weight")).shape[0] =
                     321;
                 tensors.at(absl::StrCat(kUNet, "input_blocks.2.0.in_layers.2.weight")).shape[0] =
                     321;
               },
               "a UNet level has 321 channels"},
        Damage{"an_added_vector_of_odd_size",
               [](Tensors& tensors) {
                 tensors.at(absl::StrCat(kUNet, "label_emb.0.0.weight")).shape[1] = 2817;
               },
               "label_emb.0.0.weight' takes 2817 numbers"},
        Damage{"an_empty_vocabulary",
               [](Tensors& tensors) {
                 tensors.at("conditioner.embedders.1.model.token_embedding.weight").shape[0] = 0;
               },
               "token_embedding.weight' has a size that no model of its kind has"},
        Damage{"a_vae_of_another_kind",
               [](Tensors& tensors) {
                 tensors.erase("first_stage_model.encoder.down.2.block.1.conv1.weight");
               },
               "encoder.down.2.block.' is of no VAE that is known"}),
    [](const auto& info) { return info.param.what; });

}  // namespace
}  // namespace darkroom::diffusion
