#include "worker/diffusion/sampling/sigma_schedule.h"

#include <algorithm>
#include <functional>

#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

NoiseSchedule Model() {
  return NoiseSchedule({.num_train_timesteps = 1000,
                        .beta_start = 0.00085,
                        .beta_end = 0.012,
                        .beta_schedule = BetaSchedule::kScaledLinear});
}

TEST(SigmaScheduleTest, EveryScheduleFallsWithinTheModelsLevels) {
  const NoiseSchedule model = Model();
  for (const SigmaScheduleDefinition& schedule : SigmaSchedules()) {
    for (const int steps : {1, 2, 20, 150}) {
      const std::vector<double> sigmas = schedule.sigmas(model, steps);
      EXPECT_GE(sigmas.size(), static_cast<std::size_t>(steps) + 1) << schedule.name;
      EXPECT_LE(sigmas.front(), model.sigma_max() + 1e-3) << schedule.name;
      EXPECT_EQ(sigmas.back() == 0, schedule.name != "KL Optimal") << schedule.name;
      EXPECT_TRUE(std::is_sorted(sigmas.begin(), sigmas.end(), std::greater<>())) << schedule.name;
    }
  }
}

TEST(SigmaScheduleTest, ZerosStandForTheModelsEndsAndTheSchedulesOwnRho) {
  const NoiseSchedule model = Model();
  const SigmaScheduleDefinition& karras = *FindSigmaSchedule("Karras");
  EXPECT_EQ(
      karras.sigmas(model, 9),
      karras.sigmas(model, 9,
                    {.sigma_min = model.sigma_min(), .sigma_max = model.sigma_max(), .rho = 7}));
  const std::vector<double> changed = karras.sigmas(model, 9, {.sigma_min = 0.1, .sigma_max = 10});
  EXPECT_NEAR(changed.front(), 10, 1e-12);
  EXPECT_NEAR(changed[8], 0.1, 1e-12);
}

TEST(SigmaScheduleTest, DiscardingLeavesOutTheLastLevelAboveZeroOfOneMoreStep) {
  const NoiseSchedule model = Model();
  std::vector<double> longer = UniformSigmas(model, 7);
  longer.erase(longer.begin() + 6);
  EXPECT_EQ(FindSigmaSchedule("Uniform")->sigmas(model, 6, {.discard_next_to_last = true}), longer);
}

TEST(SigmaScheduleTest, NamesAreExactAndUnique) {
  for (const SigmaScheduleDefinition& schedule : SigmaSchedules()) {
    EXPECT_EQ(FindSigmaSchedule(schedule.name), &schedule);
  }
  EXPECT_EQ(FindSigmaSchedule("karras"), nullptr);
  EXPECT_EQ(FindSigmaSchedule("Automatic"), nullptr);
}

}  // namespace
}  // namespace darkroom::diffusion
