#include "worker/diffusion/sampling/sampler_registry.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/sampling/sigma_schedule.h"

namespace darkroom::diffusion {
namespace {

TEST(SamplerRegistryTest, EveryNameHasAFunctionAndEveryFunctionAName) {
  std::set<SamplerFunction> functions;
  for (const SamplerDefinition& sampler : Samplers()) {
    EXPECT_TRUE(functions.insert(sampler.function).second) << sampler.name;
    const naming::SamplerName* name = naming::FindSampler(sampler.name);
    ASSERT_NE(name, nullptr) << sampler.name;
    EXPECT_EQ(name->name, sampler.name);
    EXPECT_EQ(&sampler.facts(), name);
  }
  for (const naming::SamplerName& name : naming::Samplers()) {
    const SamplerDefinition* sampler = FindSampler(name.name);
    ASSERT_NE(sampler, nullptr) << name.name;
    EXPECT_EQ(sampler->name, name.name);
  }
  EXPECT_EQ(Samplers().size(), naming::Samplers().size());
  EXPECT_EQ(FindSampler("k_euler"), nullptr);
  EXPECT_EQ(FindSampler(""), nullptr);
}

TEST(SamplerRegistryTest, EveryScheduleHasAFunctionAndEveryFunctionAName) {
  for (const absl::string_view name : naming::Schedules()) {
    EXPECT_EQ(FindSigmaSchedule(name) != nullptr, name != naming::kAutomatic) << name;
  }
  EXPECT_EQ(SigmaSchedules().size() + 1, naming::Schedules().size());
  for (const SigmaScheduleDefinition& schedule : SigmaSchedules()) {
    EXPECT_THAT(naming::Schedules(), ::testing::Contains(schedule.name));
  }
  for (const naming::SamplerName& sampler : naming::Samplers()) {
    EXPECT_THAT(naming::Schedules(), ::testing::Contains(sampler.automatic_schedule));
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
  EXPECT_FLOAT_EQ(sigmas.front(), model.sigma_max());
  EXPECT_FLOAT_EQ(sigmas[3], model.Sigma(19));
  EXPECT_EQ(sigmas.back(), 0);
}

TEST(SamplerRegistryTest, SamplersOnTimestepsHaveNoScheduleToChoose) {
  const NoiseSchedule model({.num_train_timesteps = 1000});
  EXPECT_EQ(ResolveSigmas(*FindSampler("UniPC"), "Karras", model, 4).value(),
            UniformSigmas(model, 4));
}

TEST(SamplerRegistryTest, SamplersThatChooseTheirSigmasMakeTheStepsOfTheRequest) {
  const NoiseSchedule model({.num_train_timesteps = 1000});
  EXPECT_EQ(ResolveSigmas(*FindSampler("Euler"), "DDIM", model, 31).value().size(), 33U);
  EXPECT_EQ(ResolveSigmas(*FindSampler("DPM fast"), "DDIM", model, 31).value().size(), 32U);
}

TEST(SamplerRegistryTest, OptionsReachTheSchedule) {
  const NoiseSchedule model({.num_train_timesteps = 1000});
  const SamplerDefinition& euler = *FindSampler("Euler");
  const std::vector<double> bounded =
      ResolveSigmas(euler, "Karras", model, 4, {.sigma_min = 0.1, .sigma_max = 10}).value();
  EXPECT_NEAR(bounded[0], 10, 1e-9);
  EXPECT_NEAR(bounded[3], 0.1, 1e-9);
  // "Always discard next-to-last sigma".
  std::vector<double> expected = KarrasSigmas(model, 5);
  expected.erase(expected.begin() + 4);
  EXPECT_EQ(ResolveSigmas(euler, "Karras", model, 4, {.discard_next_to_last = true}).value(),
            expected);
  EXPECT_EQ(ResolveSigmas(*FindSampler("DPM2"), "Karras", model, 4, {.discard_next_to_last = true})
                .value(),
            expected);
  EXPECT_EQ(ResolveSigmas(*FindSampler("DDIM"), "Karras", model, 4, {.discard_next_to_last = true})
                .value(),
            UniformSigmas(model, 5));
}

TEST(SamplerRegistryTest, OptionsThatLeaveNoFallingSigmasAreRefused) {
  const NoiseSchedule model({.num_train_timesteps = 1000});
  const SamplerDefinition& euler = *FindSampler("Euler");
  for (const SigmaOptions& options : {SigmaOptions{.sigma_min = 5, .sigma_max = 0.5},
                                      SigmaOptions{.sigma_max = 1e-4}, SigmaOptions{.rho = 1e-4}}) {
    const absl::Status status = ResolveSigmas(euler, "Karras", model, 10, options).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("schedule_options"));
  }
}

}  // namespace
}  // namespace darkroom::diffusion
