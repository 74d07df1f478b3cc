#include "naming/hires_pass.h"

#include "gtest/gtest.h"

namespace darkroom::naming {
namespace {

// Values of AUTOMATIC1111's calculate_target_resolution, and of what sample_hr_pass leaves.
TEST(HiresPassTest, SizesAreAutomatic1111s) {
  EXPECT_EQ(ScaledBy(512, 768, 2), (HiresSize{1024, 1536, 1024, 1536}));
  EXPECT_EQ(ScaledBy(512, 512, 1.3), (HiresSize{665, 665, 664, 664}));
  EXPECT_EQ(ResizedTo(512, 768, 0, 1000), (HiresSize{666, 1000, 664, 1000}));
  EXPECT_EQ(ResizedTo(512, 768, 1000, 0), (HiresSize{1000, 1500, 1000, 1496}));
  EXPECT_EQ(ResizedTo(512, 768, 1024, 1024), (HiresSize{1024, 1536, 1024, 1024}));
  EXPECT_EQ(ResizedTo(768, 512, 1024, 1024), (HiresSize{1536, 1024, 1024, 1024}));
  EXPECT_EQ(ResizedTo(704, 512, 1024, 1024), (HiresSize{1408, 1024, 1024, 1024}));
  EXPECT_EQ(ResizedTo(512, 512, 1024, 1024), (HiresSize{1024, 1024, 1024, 1024}));
}

TEST(HiresPassTest, TheScheduleIsLaidOutForMoreStepsThanAreMade) {
  EXPECT_EQ(HiresScheduleSteps(0.7, 20), 28);
  EXPECT_EQ(HiresScheduleSteps(0.5, 15), 30);
  EXPECT_EQ(HiresScheduleSteps(1, 20), 20);
  EXPECT_EQ(HiresScheduleSteps(1e-9, 150), 150'000'000'000);
}

TEST(HiresPassTest, UpscalersAreFoundInAnyCaseAndLatentIsTheDefault) {
  EXPECT_EQ(FindUpscaler("")->name, "Latent");
  EXPECT_EQ(FindUpscaler("latent (Bicubic antialiased)")->name, "Latent (bicubic antialiased)");
  EXPECT_FALSE(FindUpscaler("Lanczos")->latent);
  EXPECT_EQ(FindUpscaler("Waifu2x"), nullptr);
}

}  // namespace
}  // namespace darkroom::naming
