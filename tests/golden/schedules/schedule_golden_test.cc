// Compares every schedule with AUTOMATIC1111's; the data is made by make_schedule_goldens.py.

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/golden/golden_values.h"
#include "worker/diffusion/sampling/beta_quantile.h"
#include "worker/diffusion/sampling/sigma_schedule.h"

namespace darkroom::diffusion {
namespace {

constexpr int kSteps[] = {1, 2, 5, 10, 20, 31, 50, 150};

NoiseScheduleConfig StableDiffusion(bool zero_terminal_snr) {
  return {.num_train_timesteps = 1000,
          .beta_start = 0.00085,
          .beta_end = 0.012,
          .beta_schedule = BetaSchedule::kScaledLinear,
          .zero_terminal_snr = zero_terminal_snr};
}

class ScheduleGoldenTest : public ::testing::Test {
 protected:
  void ExpectSigmas(const NoiseSchedule& model, const SigmaScheduleDefinition& schedule, int steps,
                    const SigmaOptions& options, const std::string& golden, double tolerance) {
    const std::string name = absl::StrCat(golden, "/", schedule.name, "/", steps);
    const std::vector<float> expected = goldens_.Floats(name);
    const std::vector<double> actual = schedule.sigmas(model, steps, options);
    ASSERT_EQ(actual.size(), expected.size()) << name;
    for (std::size_t i = 0; i < actual.size(); ++i) {
      EXPECT_NEAR(actual[i], expected[i], tolerance * expected[i]) << name << " " << i;
    }
  }

  const GoldenValues goldens_{"tests/golden/schedules/schedules.safetensors"};
  const NoiseSchedule plain_{StableDiffusion(false)};
  const NoiseSchedule zero_snr_{StableDiffusion(true)};
};

TEST_F(ScheduleGoldenTest, SigmasAreThoseOfTheReference) {
  for (const SigmaScheduleDefinition& schedule : SigmaSchedules()) {
    for (const int steps : kSteps) {
      ExpectSigmas(plain_, schedule, steps, {}, "plain", 1e-6);
      // The reference's float32 logarithms of sigmas up to 4518 cost it more.
      ExpectSigmas(zero_snr_, schedule, steps, {}, "zero_snr", 5e-6);
    }
  }
}

TEST_F(ScheduleGoldenTest, AlignYourStepsHasATableOfItsOwnForSdxl) {
  for (const int steps : kSteps) {
    ExpectSigmas(plain_, *FindSigmaSchedule("Align Your Steps"), steps, {.sdxl = true}, "sdxl",
                 1e-6);
  }
}

TEST_F(ScheduleGoldenTest, OptionsDoWhatTheyDoInTheReference) {
  for (const SigmaScheduleDefinition& schedule : SigmaSchedules()) {
    for (const int steps : {1, 5, 20}) {
      ExpectSigmas(plain_, schedule, steps, {.sigma_min = 0.1, .sigma_max = 10}, "range", 1e-6);
      ExpectSigmas(plain_, schedule, steps, {.discard_next_to_last = true}, "discard", 1e-6);
      if (steps == 1) continue;
      ExpectSigmas(plain_, schedule, steps, {.rho = 3}, "rho", 1e-6);
      ExpectSigmas(plain_, schedule, steps, {.beta_alpha = 0.3, .beta_beta = 0.9}, "beta", 1e-6);
    }
  }
}

// MKL's roots, which torch takes on the CPU, are not always the nearest floats.
TEST_F(ScheduleGoldenTest, TheRescaledScheduleIsTheReferencesUpToTheRoundingOfRoots) {
  const std::vector<float> expected = goldens_.Floats("zero_snr/alphas_cumprod");
  ASSERT_EQ(expected.size(), 1000u);
  for (int t = 0; t < 1000; ++t) {
    EXPECT_NEAR(std::sqrt(zero_snr_.alpha_cumprod(t)), std::sqrt(expected[t]), 2e-7) << t;
  }
}

TEST_F(ScheduleGoldenTest, BetaQuantilesAreThoseOfScipy) {
  const std::vector<double> rows = goldens_.Doubles("beta_quantiles");
  for (std::size_t i = 0; i + 4 <= rows.size(); i += 4) {
    const double quantile = BetaQuantile(rows[i], rows[i + 1], rows[i + 2]);
    // Where a and b differ by a hundredfold the quantile is ill-conditioned.
    EXPECT_NEAR(quantile, rows[i + 3], 1e-11 * rows[i + 3] + 1e-30)
        << rows[i] << " " << rows[i + 1] << " " << rows[i + 2];
  }
}

}  // namespace
}  // namespace darkroom::diffusion
