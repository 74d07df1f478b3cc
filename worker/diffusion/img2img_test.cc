// Pictures that begin with another one.

#include <cmath>
#include <cstdlib>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "worker/diffusion/demo_backend.h"

namespace darkroom::diffusion {
namespace {

class Img2imgTest : public DemoBackendTest {};

TEST_F(Img2imgTest, TheLessStrengthTheNearerItStaysToThePictureThatItBeginsWith) {
  const RgbImage start = Paint(Request("a red apple on a blue background", 11));
  double nearer = -1;
  for (const double strength : {0.05, 0.4, 1.0}) {
    ImageRequest request = Request("a green tree", 5);
    request.steps = 20;
    request.init = {.picture = start, .strength = strength};
    const RgbImage made = Paint(request);
    double distance = 0;
    for (std::size_t i = 0; i < made.pixels.size(); ++i) {
      distance += std::abs(int{made.pixels[i]} - int{start.pixels[i]});
    }
    distance /= static_cast<double>(made.pixels.size());
    EXPECT_GT(distance, nearer) << strength;
    nearer = distance;
  }
}

TEST_F(Img2imgTest, EverySamplerMakesTheStepsThatAPictureLeavesForEachOfItsSeeds) {
  ImageRequest first = Request("a red apple on a blue background", 11);
  first.width = 32;
  first.height = 32;
  const RgbImage start = Paint(first);
  const auto generations = StartEverySampler([&start](const std::string& sampler) {
    ImageRequest request = Request("a green tree", 5);
    request.sampler = sampler;
    request.schedule = "Automatic";
    request.width = 32;
    request.height = 32;
    request.steps = 8;
    request.image_count = 2;
    request.init = {.picture = start, .strength = 0.5};
    return request;
  });
  for (const auto& generation : generations) EXPECT_EQ(generation->steps(), 5);
  FinishAll(generations);
  for (std::size_t i = 0; i < generations.size(); ++i) {
    const std::string& sampler = backend_->info().samplers[i];
    Generation& generation = *generations[i];
    EXPECT_EQ(generation.steps_done(1), 5) << sampler;
    EXPECT_NE(backend_->Decode(generation, 0).value(), backend_->Decode(generation, 1).value())
        << sampler;
  }
}

}  // namespace
}  // namespace darkroom::diffusion
