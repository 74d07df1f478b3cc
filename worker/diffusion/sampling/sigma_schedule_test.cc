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

TEST(SigmaScheduleTest, EveryScheduleFallsFromTheModelsLargestSigmaToZero) {
  const NoiseSchedule model = Model();
  for (const SigmaScheduleDefinition& schedule : SigmaSchedules()) {
    for (const int steps : {1, 2, 20, 150}) {
      const std::vector<double> sigmas = schedule.sigmas(model, steps);
      ASSERT_EQ(sigmas.size(), static_cast<std::size_t>(steps) + 1) << schedule.name;
      EXPECT_NEAR(sigmas.front(), model.sigma_max(), 1e-9) << schedule.name;
      EXPECT_EQ(sigmas.back(), 0) << schedule.name;
      EXPECT_TRUE(std::is_sorted(sigmas.begin(), sigmas.end(), std::greater<>())) << schedule.name;
      // One step is the largest sigma and zero alone.
      const double last = steps > 1 ? model.sigma_min() : model.sigma_max();
      EXPECT_NEAR(sigmas[steps - 1], last, 1e-9) << schedule.name;
    }
  }
}

TEST(SigmaScheduleTest, NamesAreExact) {
  ASSERT_NE(FindSigmaSchedule("Karras"), nullptr);
  EXPECT_EQ(FindSigmaSchedule("Karras")->sigmas, &KarrasSigmas);
  EXPECT_EQ(FindSigmaSchedule("karras"), nullptr);
  EXPECT_EQ(FindSigmaSchedule("Automatic"), nullptr);
}

}  // namespace
}  // namespace darkroom::diffusion
