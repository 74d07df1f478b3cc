#include "worker/diffusion/sampling/sampler_registry.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/sampling/sigma_schedule.h"

namespace darkroom::diffusion {
namespace {

using ::testing::UnorderedElementsAre;

TEST(SamplerRegistryTest, NamesAreThoseThatPeopleKnow) {
  EXPECT_THAT(SamplerNames(), UnorderedElementsAre("Euler", "Euler a", "DPM++ 2M", "DDIM"));
  EXPECT_THAT(ScheduleNames(),
              UnorderedElementsAre("Automatic", "Uniform", "Karras", "Exponential",
                                   "Polyexponential", "SGM Uniform", "KL Optimal",
                                   "Align Your Steps", "Simple", "Normal", "DDIM", "Beta"));
  EXPECT_EQ(FindSampler("Heun"), nullptr);
}

TEST(SamplerRegistryTest, AutomaticIsWhatTheSamplerRecommends) {
  const NoiseSchedule model({.num_train_timesteps = 1000});
  EXPECT_EQ(ResolveSigmas(*FindSampler("DPM++ 2M"), "Automatic", model, 4).value(),
            KarrasSigmas(model, 4));
  EXPECT_EQ(ResolveSigmas(*FindSampler("Euler a"), "Automatic", model, 4).value(),
            UniformSigmas(model, 4));
  EXPECT_EQ(ResolveSigmas(*FindSampler("Euler"), "Karras", model, 4).value(),
            KarrasSigmas(model, 4));
  EXPECT_TRUE(
      absl::IsInvalidArgument(ResolveSigmas(*FindSampler("Euler"), "Other", model, 4).status()));
}

}  // namespace
}  // namespace darkroom::diffusion
