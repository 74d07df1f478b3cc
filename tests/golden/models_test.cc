#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/golden/golden_check.h"

namespace darkroom::diffusion {
namespace {

void ExpectReferences(const std::string& model, const std::vector<std::string>& outputs) {
  const auto errors =
      CompareWithGolden("tests/golden/" + model, "tests/golden/" + model + "_golden");
  ASSERT_TRUE(errors.ok()) << errors.status();
  std::vector<std::string> compared;
  for (const GoldenError& error : *errors) {
    compared.push_back(error.output);
    EXPECT_LE(error.relative, 1e-4) << error.output;
  }
  EXPECT_THAT(compared, testing::ElementsAreArray(outputs));
}

const std::vector<std::string>& OutputsWithVector() {
  static const std::vector<std::string> outputs = {
      "text.1", "vector", "vector of nothing", "text.2", "unet", "decode", "mean", "log_variance"};
  return outputs;
}

TEST(GoldenModels, EveryOutputOfTheTinyModelIsTheReferences) {
  ExpectReferences("tiny_model", {"text.1", "text.2", "unet", "decode", "mean", "log_variance"});
}

TEST(GoldenModels, EveryOutputOfTheTinySd2IsTheReferences) {
  ExpectReferences("tiny_sd2", {"text.1", "text.2", "unet", "decode", "mean", "log_variance"});
}

TEST(GoldenModels, EveryOutputOfTheTinySdxlIsTheReferences) {
  ExpectReferences("tiny_sdxl", OutputsWithVector());
}

TEST(GoldenModels, EveryOutputOfTheTinyRefinerIsTheReferences) {
  ExpectReferences("tiny_refiner", OutputsWithVector());
}

}  // namespace
}  // namespace darkroom::diffusion
