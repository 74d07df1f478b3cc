#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/golden/golden_check.h"

namespace darkroom::diffusion {
namespace {

TEST(GoldenModels, EveryOutputOfTheTinyModelIsTheReferences) {
  const auto errors = CompareWithGolden("tests/golden/tiny_model", "tests/golden/tiny_golden");
  ASSERT_TRUE(errors.ok()) << errors.status();
  std::vector<std::string> outputs;
  for (const GoldenError& error : *errors) {
    outputs.push_back(error.output);
    EXPECT_LE(error.relative, 1e-4) << error.output;
  }
  EXPECT_THAT(outputs,
              testing::ElementsAre("text.1", "text.2", "unet", "decode", "mean", "log_variance"));
}

}  // namespace
}  // namespace darkroom::diffusion
