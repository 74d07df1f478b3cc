#include "worker/diffusion/sampling/noise_schedule.h"

#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

NoiseScheduleConfig StableDiffusion() {
  return {.num_train_timesteps = 1000,
          .beta_start = 0.00085,
          .beta_end = 0.012,
          .beta_schedule = BetaSchedule::kScaledLinear};
}

TEST(NoiseScheduleTest, StableDiffusionHasItsKnownEnds) {
  const NoiseSchedule schedule(StableDiffusion());
  EXPECT_EQ(schedule.timesteps(), 1000);
  EXPECT_NEAR(schedule.sigma_min(), 0.0291675, 1e-7);
  EXPECT_NEAR(schedule.sigma_max(), 14.614642, 1e-5);
  EXPECT_NEAR(schedule.alpha_cumprod(0), 1 - 0.00085, 1e-7);
}

TEST(NoiseScheduleTest, LinearBetasAreLinear) {
  NoiseScheduleConfig config = StableDiffusion();
  config.num_train_timesteps = 3;
  config.beta_start = 0.1;
  config.beta_end = 0.3;
  config.beta_schedule = BetaSchedule::kLinear;
  EXPECT_NEAR(NoiseSchedule(config).alpha_cumprod(2), 0.9 * 0.8 * 0.7, 1e-7);
}

TEST(NoiseScheduleTest, ZeroTerminalSnrKeepsTheStartAndEndsInNoise) {
  NoiseScheduleConfig config = StableDiffusion();
  config.zero_terminal_snr = true;
  const NoiseSchedule schedule(config);
  EXPECT_NEAR(schedule.alpha_cumprod(0), 1 - 0.00085, 1e-6);
  EXPECT_NEAR(schedule.sigma_max(), 4518.76, 0.01);
}

TEST(NoiseScheduleTest, TimestepIsTheInverseOfSigmaAndStaysInTheTable) {
  const NoiseSchedule schedule(StableDiffusion());
  for (const double t : {0.0, 0.25, 1.0, 500.5, 998.0, 998.75, 999.0}) {
    // Sigmas are rounded to float32; log sigma rises by 0.005 a timestep.
    EXPECT_NEAR(schedule.Timestep(schedule.Sigma(t)), t, 1e-4) << t;
  }
  EXPECT_EQ(schedule.Timestep(schedule.sigma_min() / 2), 0);
  EXPECT_EQ(schedule.Timestep(schedule.sigma_max() * 2), 999);
}

TEST(NoiseScheduleTest, EveryTwentiethLevelIsAScheduleOfItsOwn) {
  const NoiseSchedule schedule(StableDiffusion());
  const NoiseSchedule some = schedule.Every(20);
  EXPECT_EQ(some.timesteps(), 50);
  EXPECT_EQ(some.alpha_cumprod(0), schedule.alpha_cumprod(19));
  EXPECT_EQ(some.sigma_max(), schedule.sigma_max());
  EXPECT_EQ(some.first_timestep(), 19);
  EXPECT_EQ(some.last_timestep(), 999);
  EXPECT_EQ(some.Level(2), schedule.Level(59));
  EXPECT_EQ(some.Sigma(59), schedule.Sigma(59));
  EXPECT_NEAR(some.Timestep(schedule.Sigma(59)), 59, 1e-3);
  EXPECT_EQ(some.NearestTimestep(schedule.Sigma(68)), 59);
  EXPECT_EQ(some.NearestTimestep(schedule.Sigma(71)), 79);
}

}  // namespace
}  // namespace darkroom::diffusion
