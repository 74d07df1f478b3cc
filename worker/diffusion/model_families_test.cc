// The backend over models of every family but the first.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/torch_backend.h"

namespace darkroom::diffusion {
namespace {

using ::testing::Each;

ImageRequest Request(std::string prompt, std::string negative = "") {
  ImageRequest request;
  request.prompt = std::move(prompt);
  request.negative_prompt = std::move(negative);
  request.seed = 5;
  request.width = 16;
  request.height = 16;
  request.steps = 4;
  request.sampler = "DPM++ 2M";
  request.schedule = "Karras";
  request.guidance_scale = 4;
  return request;
}

// The picture of the first request, made beside those of the others.
RgbImage Paint(Backend& backend, const std::vector<ImageRequest>& requests) {
  std::vector<std::unique_ptr<Generation>> generations;
  for (const ImageRequest& request : requests) {
    generations.push_back(backend.Start(request).value());
  }
  while (!generations[0]->done(0)) {
    std::vector<Row> rows;
    for (const auto& generation : generations) {
      if (!generation->done(0)) rows.push_back({.generation = generation.get(), .image = 0});
    }
    EXPECT_THAT(backend.Step(rows).value(), Each(absl::OkStatus()));
  }
  return backend.Decode(*generations[0], 0).value();
}

class FamilyTest : public ::testing::TestWithParam<const char*> {
 protected:
  const std::unique_ptr<Backend> backend_ =
      LoadTorchBackend(std::string("tests/golden/tiny_") + GetParam(), {.threads = 1}).value();
};

TEST_P(FamilyTest, APictureIsTheSameAloneAndBesideOthers) {
  ImageRequest request = Request("a (red:1.3) [apple|pear] AND a cat :0.5", "");
  std::vector<ImageRequest> requests = {request, Request("a dog", "(blurry:1.2)"),
                                        Request("[a|b] star", "[x::2]")};
  requests[2].guidance_scale = 1;
  requests[1].sampler = "Euler a";
  EXPECT_EQ(Paint(*backend_, requests), Paint(*backend_, {request}));
}

TEST_P(FamilyTest, AClipSkipIsAcceptedAndHasNoInfluence) {
  ImageRequest request = Request("a cat", "");
  const RgbImage picture = Paint(*backend_, {request});
  request.clip_skip = 2;
  EXPECT_EQ(Paint(*backend_, {request}), picture);
  request.clip_skip = 12;
  EXPECT_EQ(Paint(*backend_, {request}), picture);
}

INSTANTIATE_TEST_SUITE_P(Families, FamilyTest, ::testing::Values("sd2", "sdxl", "refiner"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace darkroom::diffusion
