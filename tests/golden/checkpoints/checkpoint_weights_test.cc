// Every weight of a single file, bit for bit, under the name that the models ask for it by.

#include "worker/diffusion/weights/checkpoint_weights.h"

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/file.h"
#include "common/ids.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/weights/checkpoint.h"
#include "worker/diffusion/weights/json.h"

namespace darkroom::diffusion {
namespace {

using testing::HasSubstr;

const std::filesystem::path kFolder = "tests/golden/checkpoints";

at::ScalarType TypeOf(const std::string& name) {
  if (name == "F16") return at::kHalf;
  return name == "BF16" ? at::kBFloat16 : at::kFloat;
}

// Takes every weight that the reference has in a part and compares its bytes.
absl::Status CompareWeights(const Json::Object& expected, const WeightScope& weights) {
  for (const auto& [name, digest] : expected) {
    std::vector<std::int64_t> shape;
    for (const Json& size : *digest.Find("shape")->array()) shape.push_back(*size.integer());
    EXPECT_TRUE(weights.Contains(name)) << name;
    DARKROOM_ASSIGN_OR_RETURN(const at::Tensor taken, weights.Take(name, shape));
    const at::Tensor tensor = taken.to(TypeOf(*digest.Find("dtype")->string())).contiguous();
    EXPECT_EQ(Sha256Hex({static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()}),
              *digest.Find("sha256")->string())
        << name;
  }
  return absl::OkStatus();
}

Json Reference(const std::string& name) {
  const auto text = ReadFile(kFolder / (name + ".json"), 1 << 22);
  EXPECT_TRUE(text.ok()) << text.status();
  auto parsed = Json::Parse(text.value_or("{}"));
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.value_or(Json());
}

class CheckpointWeightsTest : public testing::TestWithParam<std::string> {};

TEST_P(CheckpointWeightsTest, EveryWeightHasTheReferencesBits) {
  auto checkpoint = OpenCheckpoint(kFolder / (GetParam() + ".safetensors"));
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(FamilyName(checkpoint->config.family), GetParam());
  CheckpointWeights weights(*std::move(checkpoint));
  const Json reference = Reference(GetParam());
  ASSERT_GE(reference.object()->size(), 3u);
  for (const auto& [part, expected] : *reference.object()) {
    // Float32 holds every value of the narrower types, so nothing is lost on the way.
    const absl::Status status =
        weights.Load(part, at::kFloat, [&, &expected = expected](const WeightScope& scope) {
          return CompareWeights(*expected.object(), scope);
        });
    EXPECT_TRUE(status.ok()) << part << ": " << status;
  }
}

INSTANTIATE_TEST_SUITE_P(Families, CheckpointWeightsTest, testing::Values("sd1", "sd2", "sdxl"),
                         [](const auto& info) { return info.param; });

class OneCheckpointTest : public testing::Test {
 protected:
  OneCheckpointTest() { std::filesystem::create_directories(folder_); }
  ~OneCheckpointTest() override { std::filesystem::remove_all(folder_); }

  // The tiny SD 1 with names of its header replaced. Places are counted behind the header, so its
  // length may change.
  std::filesystem::path Changed(const std::string& from, const std::string& to) {
    const std::string bytes = ReadFile(kFolder / "sd1.safetensors", 1 << 24).value();
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof(length));
    std::string header = bytes.substr(sizeof(length), length);
    EXPECT_GT(absl::StrReplaceAll({{from, to}}, &header), 0) << from;
    std::string changed(sizeof(length), '\0');
    const std::uint64_t new_length = header.size();
    std::memcpy(changed.data(), &new_length, sizeof(new_length));
    absl::StrAppend(&changed, header, bytes.substr(sizeof(length) + length));
    EXPECT_TRUE(WriteFileAtomically(path_, changed).ok());
    return path_;
  }

  // Loads a part by taking what the reference has in it.
  static absl::Status LoadAll(const std::filesystem::path& path, const std::string& part) {
    DARKROOM_ASSIGN_OR_RETURN(Checkpoint checkpoint, OpenCheckpoint(path));
    CheckpointWeights weights(std::move(checkpoint));
    const Json reference = Reference("sd1");
    return weights.Load(part, at::kFloat, [&](const WeightScope& scope) {
      return CompareWeights(*reference.Find(part)->object(), scope);
    });
  }

  const std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) / RandomId();
  const std::filesystem::path path_ = folder_ / "changed.safetensors";
};

TEST_F(OneCheckpointTest, OlderFilesWithoutTextModelHoldTheSameWeights) {
  const auto path =
      Changed("cond_stage_model.transformer.text_model.", "cond_stage_model.transformer.");
  const absl::Status status = LoadAll(path, "text_encoder");
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(OneCheckpointTest, ATensorOfAnotherNameIsNamedAsTheFileNamesIt) {
  Changed("model.diffusion_model.out.0.bias", "model.diffusion_model.out.9.bias");
  const auto checkpoint = OpenCheckpoint(path_);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  CheckpointWeights weights(*checkpoint);
  const absl::Status missing = weights.Load("unet", at::kFloat, [](const WeightScope& scope) {
    return scope.Take("conv_norm_out.bias", {32}).status();
  });
  EXPECT_THAT(std::string(missing.message()),
              testing::AllOf(HasSubstr(path_.string()),
                             HasSubstr("no tensor 'model.diffusion_model.out.0.bias'")));
  const absl::Status left =
      weights.Load("unet", at::kFloat, [](const WeightScope&) { return absl::OkStatus(); });
  EXPECT_THAT(std::string(left.message()), HasSubstr("tensors that the config has no place for"));
}

TEST_F(OneCheckpointTest, AnotherShapeThanTheModelAsksForIsRefusedWithBoth) {
  CheckpointWeights weights(OpenCheckpoint(kFolder / "sd2.safetensors").value());
  const absl::Status status =
      weights.Load("text_encoder", at::kFloat, [](const WeightScope& scope) {
        return scope.Take("encoder.layers.0.self_attn.k_proj.weight", {64, 63}).status();
      });
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("attn.in_proj_weight' is [64, 64], expected [64, 63]"));
}

TEST_F(OneCheckpointTest, APartThatTheFamilyHasNotIsNotFound) {
  CheckpointWeights weights(OpenCheckpoint(kFolder / "sd1.safetensors").value());
  const absl::Status status = weights.Load("text_encoder_2", at::kFloat,
                                           [](const WeightScope&) { return absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
}

TEST_F(OneCheckpointTest, TheHostCanSayWhatTheModelPredicts) {
  const auto path = Changed("out.0.bias", "out.0.bias");
  ASSERT_TRUE(WriteFileAtomically(CheckpointSettings(path),
                                  R"({"prediction_type": "v_prediction",
                                      "rescale_betas_zero_snr": true})")
                  .ok());
  const auto checkpoint = OpenCheckpoint(path);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->config.schedule.prediction_type, PredictionType::kVPrediction);
  EXPECT_TRUE(checkpoint->config.schedule.zero_terminal_snr);
  ASSERT_TRUE(WriteFileAtomically(CheckpointSettings(path), R"({"prediction_type": "x0"})").ok());
  EXPECT_THAT(std::string(OpenCheckpoint(path).status().message()),
              testing::AllOf(HasSubstr("changed.darkroom.json"), HasSubstr("'prediction_type'")));
}

TEST_F(OneCheckpointTest, AnotherVaeTakesThePlaceOfTheFilesOwn) {
  auto own =
      std::make_unique<CheckpointWeights>(OpenCheckpoint(kFolder / "sd1.safetensors").value());
  const auto vae = OpenVae(kFolder / "vae.safetensors");
  ASSERT_TRUE(vae.ok()) << vae.status();
  EXPECT_THAT(vae->config.block_out_channels, testing::ElementsAre(32, 32));
  SeparateVaeWeights weights(std::move(own), *vae);
  const Json reference = Reference("vae");
  const absl::Status status = weights.Load("vae", at::kFloat, [&](const WeightScope& scope) {
    return CompareWeights(*reference.Find("vae")->object(), scope);
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(weights
                  .Load("unet", at::kFloat,
                        [&](const WeightScope& scope) {
                          return CompareWeights(*Reference("sd1").Find("unet")->object(), scope);
                        })
                  .ok());
}

TEST_F(OneCheckpointTest, AVaeIsAlsoTakenFromACheckpointAndFromAFolder) {
  const auto from_checkpoint = OpenVae(kFolder / "sdxl.safetensors");
  ASSERT_TRUE(from_checkpoint.ok()) << from_checkpoint.status();
  EXPECT_EQ(from_checkpoint->part.prefix, "first_stage_model.");
  for (const char* folder : {"tests/golden/tiny_model", "tests/golden/tiny_model/vae"}) {
    const auto vae = OpenVae(folder);
    ASSERT_TRUE(vae.ok()) << vae.status();
    EXPECT_EQ(vae->config.norm_num_groups, 4);
    EXPECT_TRUE(vae->file->tensors().contains("decoder.conv_in.weight"));
  }
  EXPECT_THAT(std::string(OpenVae("tests/golden/seeds/seeds.safetensors").status().message()),
              HasSubstr("seeds.safetensors: is no VAE"));
}

TEST_F(OneCheckpointTest, WhatIsNoCheckpointIsRefusedByFileAndReason) {
  EXPECT_THAT(std::string(OpenCheckpoint(kFolder / "vae.safetensors").status().message()),
              HasSubstr("vae.safetensors: looks like a VAE"));
  EXPECT_EQ(OpenCheckpoint(kFolder / "absent.safetensors").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace darkroom::diffusion
