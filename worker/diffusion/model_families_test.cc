// The backend over models of every family but the first.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/tiny_requests.h"
#include "worker/diffusion/torch_backend.h"

namespace darkroom::diffusion {
namespace {

// The picture of the first request, made beside those of the others.
RgbImage PaintFirst(Backend& backend, const std::vector<ImageRequest>& requests) {
  return PaintTogether(backend, requests)[0];
}

class FamilyTest : public ::testing::TestWithParam<const char*> {
 protected:
  const std::unique_ptr<Backend> backend_ =
      LoadTorchBackend(std::string("tests/golden/tiny_") + GetParam(), {.threads = 1}).value();
};

TEST_P(FamilyTest, APictureIsTheSameAloneAndBesideOthers) {
  ImageRequest request = TinyRequest("a (red:1.3) [apple|pear] AND a cat :0.5", "");
  std::vector<ImageRequest> requests = {request, TinyRequest("a dog", "(blurry:1.2)"),
                                        TinyRequest("[a|b] star", "[x::2]")};
  requests[2].guidance_scale = 1;
  requests[1].sampler = "Euler a";
  EXPECT_EQ(PaintFirst(*backend_, requests), PaintFirst(*backend_, {request}));
}

TEST_P(FamilyTest, AClipSkipIsAcceptedAndHasNoInfluence) {
  ImageRequest request = TinyRequest("a cat", "");
  const RgbImage picture = PaintFirst(*backend_, {request});
  request.clip_skip = 2;
  EXPECT_EQ(PaintFirst(*backend_, {request}), picture);
  request.clip_skip = 12;
  EXPECT_EQ(PaintFirst(*backend_, {request}), picture);
}

INSTANTIATE_TEST_SUITE_P(Families, FamilyTest, ::testing::Values("sd2", "sdxl", "refiner"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace darkroom::diffusion
