#include "worker/diffusion/model_limits.h"

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/model/vae.h"
#include "worker/diffusion/weights/published_configs.h"

namespace darkroom::diffusion {
namespace {

class ModelDefaultsTest : public ::testing::Test {
 protected:
  ModelDefaultsTest() {
    std::filesystem::create_directories(folder_);
    std::filesystem::remove(folder_ / "darkroom.json");
  }

  absl::Status Read(const std::string& json) {
    std::ofstream(folder_ / "darkroom.json") << json;
    return ReadModelDefaults(folder_ / "darkroom.json", &info_);
  }

  const std::filesystem::path folder_ = std::filesystem::path(::testing::TempDir()) / "limits";
  ModelInfo info_ = DeriveModelInfo(Sd15Config());
};

TEST(ModelLimitsTest, LimitsFollowTheSizeOfTheTraining) {
  const ModelInfo info = DeriveModelInfo(Sd15Config());
  EXPECT_EQ(info.default_width, 512);
  EXPECT_EQ(info.max_side, 1024);
  EXPECT_EQ(info.max_pixels, 1024 * 1024);
  EXPECT_EQ(info.max_clip_skip, 12);
  EXPECT_EQ(info.max_steps, 150);
}

TEST(ModelLimitsTest, EachFamilyHasItsSizeAndName) {
  const ModelInfo sd2 = DeriveModelInfo(Sd21Config());
  EXPECT_EQ(sd2.family, "sd2");
  EXPECT_EQ(sd2.default_width, 768);
  const ModelInfo sdxl = DeriveModelInfo(SdxlConfig());
  EXPECT_EQ(sdxl.family, "sdxl");
  EXPECT_EQ(sdxl.default_height, 1024);
  EXPECT_EQ(DeriveModelInfo(SdxlRefinerConfig()).family, "sdxl-refiner");
}

// AUTOMATIC1111 writes one into every infotext, whatever the model.
TEST(ModelLimitsTest, AClipSkipWithoutInfluenceIsNoError) {
  EXPECT_EQ(DeriveModelInfo(Sd21Config()).max_clip_skip, 12);
  EXPECT_EQ(DeriveModelInfo(SdxlRefinerConfig()).max_clip_skip, 12);
}

TEST(ModelLimitsTest, SizesAreThoseThatMemoryHolds) {
  const ModelConfig config = Sd15Config();
  ModelInfo info = DeriveModelInfo(config);
  constexpr std::int64_t kGiB = 1 << 30;
  ASSERT_TRUE(LimitToMemory(config, kVaeWholePixels, 4, 64 * kGiB, &info).ok());
  EXPECT_EQ(info.max_pixels, 1024 * 1024);
  EXPECT_EQ(info.default_width, 512);
  ASSERT_TRUE(LimitToMemory(config, kVaeWholePixels, 4, kGiB / 2, &info).ok());
  EXPECT_LT(info.max_pixels, 512 * 512);
  EXPECT_LT(info.default_width, 512);
  EXPECT_EQ(info.default_width % 8, 0);
  EXPECT_LE(std::int64_t{info.default_width} * info.default_height, info.max_pixels);
  const absl::Status none = LimitToMemory(config, kVaeWholePixels, 4, 1 << 20, &info);
  EXPECT_TRUE(absl::IsResourceExhausted(none));
  EXPECT_THAT(none.message(), ::testing::HasSubstr("--job_memory"));
}

TEST_F(ModelDefaultsTest, AFolderWithoutTheFileKeepsTheDefaults) {
  EXPECT_TRUE(ReadModelDefaults(folder_ / "darkroom.json", &info_).ok());
  EXPECT_EQ(info_.default_guidance_scale, 7);
  EXPECT_EQ(info_.default_sampler, "DPM++ 2M");
}

TEST_F(ModelDefaultsTest, TheFileSetsWhatItNames) {
  ASSERT_TRUE(Read(R"({"default_guidance_scale": 5.0, "default_sampler": "Euler a"})").ok());
  EXPECT_EQ(info_.default_guidance_scale, 5);
  EXPECT_EQ(info_.default_sampler, "Euler a");
  EXPECT_EQ(info_.default_steps, 20);
}

TEST_F(ModelDefaultsTest, WhatTheModelDoesNotHaveIsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(Read(R"({"default_sampler": "Best"})")));
  EXPECT_TRUE(absl::IsInvalidArgument(Read(R"({"default_steps": 0})")));
}

}  // namespace
}  // namespace darkroom::diffusion
