#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/golden/golden_check.h"

namespace darkroom::diffusion {
namespace {

void ExpectReferences(const std::string& model, const std::string& golden,
                      const std::string& tokenizer, const std::vector<std::string>& outputs) {
  const auto errors =
      CompareWithGolden({.model = "tests/golden/" + model, .vae = {}, .tokenizer = tokenizer},
                        "tests/golden/" + golden + "_golden");
  ASSERT_TRUE(errors.ok()) << errors.status();
  std::vector<std::string> compared;
  for (const GoldenError& error : *errors) {
    compared.push_back(error.output);
    EXPECT_LE(error.relative, 1e-4) << error.output;
  }
  EXPECT_THAT(compared, testing::ElementsAreArray(outputs));
}

void ExpectReferences(const std::string& folder, const std::vector<std::string>& outputs) {
  ExpectReferences(folder, folder, "", outputs);
}

// Of a single file, whose weights diffusers read from a folder.
void ExpectReferencesOfFile(const std::string& family, const std::vector<std::string>& outputs) {
  const std::string path = "checkpoints/" + family;
  ExpectReferences(path + ".safetensors", path, "tests/golden/tiny_model/tokenizer", outputs);
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

TEST(GoldenModels, EveryOutputOfASingleFileIsTheReferencesForItsFolder) {
  ExpectReferencesOfFile("sd1", {"text.1", "text.2", "unet", "decode", "mean", "log_variance"});
  ExpectReferencesOfFile("sd2", {"text.1", "text.2", "unet", "decode", "mean", "log_variance"});
  ExpectReferencesOfFile("sdxl", OutputsWithVector());
}

}  // namespace
}  // namespace darkroom::diffusion
