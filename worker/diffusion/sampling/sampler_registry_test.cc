#include "worker/diffusion/sampling/sampler_registry.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/sampling/sigma_schedule.h"

namespace darkroom::diffusion {
namespace {

using ::testing::UnorderedElementsAre;

TEST(SamplerRegistryTest, NamesAreThoseThatPeopleKnow) {
  EXPECT_THAT(SamplerNames(),
              UnorderedElementsAre("Euler", "Euler a", "Heun", "LMS", "DPM2", "DPM2 a", "DPM++ 2M",
                                   "DPM++ SDE", "DPM++ 2M SDE", "DPM++ 2M SDE Heun", "DPM++ 2S a",
                                   "DPM++ 3M SDE", "DPM fast", "DPM adaptive", "Restart", "DDIM",
                                   "DDIM CFG++", "PLMS", "UniPC", "LCM"));
  EXPECT_THAT(ScheduleNames(),
              UnorderedElementsAre("Automatic", "Uniform", "Karras", "Exponential",
                                   "Polyexponential", "SGM Uniform", "KL Optimal",
                                   "Align Your Steps", "Simple", "Normal", "DDIM", "Beta"));
}

TEST(SamplerRegistryTest, EveryNameAndAliasIsThereOnceAndFoundInAnyCase) {
  std::set<absl::string_view> names;
  std::set<SamplerFunction> functions;
  for (const SamplerDefinition& sampler : Samplers()) {
    EXPECT_TRUE(names.insert(sampler.name).second) << sampler.name;
    EXPECT_TRUE(functions.insert(sampler.function).second) << sampler.name;
    EXPECT_EQ(FindSampler(sampler.name), &sampler);
    EXPECT_FALSE(sampler.aliases[0].empty()) << sampler.name;
    for (const absl::string_view alias : sampler.aliases) {
      EXPECT_EQ(FindSampler(alias), alias.empty() ? nullptr : &sampler) << alias;
    }
  }
  EXPECT_EQ(FindSampler("K_EULER_ANCESTRAL"), FindSampler("Euler a"));
  EXPECT_EQ(FindSampler("dpm++ 2m sde heun"), FindSampler("k_dpmpp_2m_sde_heun"));
  EXPECT_EQ(FindSampler("Unknown"), nullptr);
  EXPECT_EQ(FindSampler(""), nullptr);
}

TEST(SamplerRegistryTest, LegacyNamesCarryTheSchedule) {
  const auto expect = [](absl::string_view name, absl::string_view schedule,
                         absl::string_view sampler, absl::string_view resolved) {
    const auto choice = ResolveSampler(name, schedule);
    ASSERT_TRUE(choice.ok()) << name;
    EXPECT_EQ(choice->sampler->name, sampler) << name;
    EXPECT_EQ(choice->schedule, resolved) << name;
  };
  expect("DPM++ 2M Karras", "", "DPM++ 2M", "Karras");
  expect("DPM++ 2M Karras", "Uniform", "DPM++ 2M", "Karras");
  expect("dpm++ 2m sde karras", "Automatic", "DPM++ 2M SDE", "Karras");
  expect("Euler a Uniform", "", "Euler a", "Uniform");
  expect("Heun Automatic", "", "Heun", "Automatic");
  expect("k_dpmpp_2m_ka", "", "DPM++ 2M", "Karras");
  expect("k_dpmpp_2m_sde_heun_ka", "", "DPM++ 2M SDE Heun", "Karras");
  expect("k_euler", "KARRAS", "Euler", "Karras");
  expect("DPM++ 2M SDE Exponential", "", "DPM++ 2M SDE", "Exponential");
  expect("k_dpmpp_3m_sde_exp", "", "DPM++ 3M SDE", "Exponential");
  expect("DPM++ 2M SGM Uniform", "", "DPM++ 2M", "SGM Uniform");
  expect("DPM++ 2M SGMUniform", "", "DPM++ 2M", "SGM Uniform");
  expect("DPM++ 2M", "sgm_uniform", "DPM++ 2M", "SGM Uniform");
  expect("Euler DDIM", "", "Euler", "DDIM");
  expect("DDIM", "DDIM", "DDIM", "DDIM");
  expect("DPM++ 2M", "", "DPM++ 2M", "Automatic");
}

TEST(SamplerRegistryTest, WhatIsNoNameIsRefused) {
  for (const auto& [name, schedule] :
       {std::pair{"Eul", ""}, std::pair{"", ""}, std::pair{"Karras", ""},
        std::pair{"Euler Eul", ""}, std::pair{"_ka", ""}, std::pair{"Eul Karras", "Karras"},
        std::pair{"Euler", "Other"}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ResolveSampler(name, schedule).status())) << name;
  }
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

TEST(SamplerRegistryTest, SomeSamplersLeaveOutTheNextToLastSigma) {
  const NoiseSchedule model({.num_train_timesteps = 1000});
  std::vector<double> expected = KarrasSigmas(model, 5);
  expected.erase(expected.begin() + 4);
  EXPECT_EQ(ResolveSigmas(*FindSampler("DPM2 a"), "Karras", model, 4).value(), expected);
}

TEST(SamplerRegistryTest, LcmHasTheLevelsOfADistilledModel) {
  const NoiseSchedule model({.num_train_timesteps = 1000});
  const std::vector<double> sigmas =
      ResolveSigmas(*FindSampler("LCM"), "Automatic", model, 4).value();
  EXPECT_DOUBLE_EQ(sigmas.front(), model.sigma_max());
  EXPECT_DOUBLE_EQ(sigmas[3], model.Sigma(19));
  EXPECT_EQ(sigmas.back(), 0);
}

TEST(SamplerRegistryTest, SamplersOnTimestepsHaveNoScheduleToChoose) {
  const NoiseSchedule model({.num_train_timesteps = 1000});
  EXPECT_EQ(ResolveSigmas(*FindSampler("UniPC"), "Karras", model, 4).value(),
            UniformSigmas(model, 4));
}

}  // namespace
}  // namespace darkroom::diffusion
