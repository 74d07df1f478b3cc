#include "naming/sampler_names.h"

#include <set>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::naming {
namespace {

using ::testing::ElementsAre;

TEST(SamplerNamesTest, EveryNameAndAliasIsThereOnceAndFoundInAnyCase) {
  std::set<absl::string_view> names;
  for (const SamplerName& sampler : Samplers()) {
    EXPECT_TRUE(names.insert(sampler.name).second) << sampler.name;
    EXPECT_EQ(FindSampler(sampler.name), &sampler);
    EXPECT_FALSE(sampler.aliases[0].empty()) << sampler.name;
    for (const absl::string_view alias : sampler.aliases) {
      EXPECT_EQ(FindSampler(alias), alias.empty() ? nullptr : &sampler) << alias;
    }
  }
  EXPECT_EQ(names.size(), 20U);
  EXPECT_EQ(FindSampler("K_EULER_ANCESTRAL"), FindSampler("Euler a"));
  EXPECT_EQ(FindSampler("dpm++ 2m sde heun"), FindSampler("k_dpmpp_2m_sde_heun"));
  EXPECT_EQ(FindSampler("Unknown"), nullptr);
  EXPECT_EQ(FindSampler(""), nullptr);
}

TEST(SamplerNamesTest, SchedulesAreThoseThatPeopleKnow) {
  EXPECT_THAT(Schedules(), ElementsAre("Automatic", "Uniform", "Karras", "Exponential",
                                       "Polyexponential", "SGM Uniform", "KL Optimal",
                                       "Align Your Steps", "Simple", "Normal", "DDIM", "Beta"));
}

TEST(SamplerNamesTest, LegacyNamesCarryTheSchedule) {
  const auto expect = [](absl::string_view name, absl::string_view schedule,
                         absl::string_view sampler, absl::string_view resolved) {
    const SamplerChoice choice = ResolveSampler(name, schedule);
    ASSERT_NE(choice.sampler, nullptr) << name;
    EXPECT_EQ(choice.sampler->name, sampler) << name;
    EXPECT_EQ(choice.schedule, resolved) << name;
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

TEST(SamplerNamesTest, SchedulesAreFoundInAnySpelling) {
  EXPECT_EQ(FindSchedule("sgm_uniform"), "SGM Uniform");
  EXPECT_EQ(FindSchedule("ALIGN YOUR STEPS"), "Align Your Steps");
  EXPECT_EQ(FindSchedule(""), "Automatic");
  EXPECT_EQ(FindSchedule("Other"), "");
}

TEST(SamplerNamesTest, OnlyDdimHasNoEtaByItself) {
  for (const SamplerName& sampler : Samplers()) {
    EXPECT_EQ(sampler.default_eta == 0, sampler.name == "DDIM" || sampler.name == "DDIM CFG++")
        << sampler.name;
  }
}

TEST(SamplerNamesTest, WhatIsNoNameIsNothing) {
  for (const char* name : {"Eul", "", "Karras", "Euler Eul", "_ka", "Eul Karras"}) {
    EXPECT_EQ(ResolveSampler(name, "Karras").sampler, nullptr) << name;
  }
  EXPECT_NE(ResolveSampler("Euler", "Other").sampler, nullptr);
  EXPECT_TRUE(ResolveSampler("Euler", "Other").schedule.empty());
}

TEST(SamplerNamesTest, AutomaticIsWhatTheSamplerRecommends) {
  EXPECT_EQ(UsedSchedule(*FindSampler("DPM++ 2M"), "Automatic"), "Karras");
  EXPECT_EQ(UsedSchedule(*FindSampler("DPM++ 2M"), "Beta"), "Beta");
  EXPECT_EQ(UsedSchedule(*FindSampler("Euler"), "Automatic"), "Automatic");
}

}  // namespace
}  // namespace darkroom::naming
