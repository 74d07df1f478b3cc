#include "naming/img2img_steps.h"

#include "gtest/gtest.h"

namespace darkroom::naming {
namespace {

// int(min(denoising_strength, 0.999) * steps), as Python computes it.
TEST(Img2imgStepsTest, AreThoseOfAutomatic1111) {
  EXPECT_EQ(EncodedSteps(0.75, 20), 15);
  EXPECT_EQ(EncodedSteps(0.3, 20), 6);
  EXPECT_EQ(EncodedSteps(0.29, 100), 28) << "0.29 * 100 is a little below 29";
  EXPECT_EQ(EncodedSteps(0.04, 20), 0);
}

TEST(Img2imgStepsTest, LeaveTheFirstStepOutAtFullStrength) {
  for (const int steps : {1, 2, 20, 150}) EXPECT_EQ(EncodedSteps(1, steps), steps - 1);
}

}  // namespace
}  // namespace darkroom::naming
