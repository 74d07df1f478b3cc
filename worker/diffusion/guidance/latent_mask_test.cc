#include "worker/diffusion/guidance/latent_mask.h"

#include <cmath>

#include "ATen/TensorOperators.h"
#include "ATen/ops/allclose.h"
#include "ATen/ops/cat.h"
#include "ATen/ops/equal.h"
#include "ATen/ops/full.h"
#include "ATen/ops/zeros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/guidance/guided_denoiser.h"

namespace darkroom::diffusion {
namespace {

const NoiseSchedule& Levels() {
  static const NoiseSchedule schedule({.num_train_timesteps = 1000,
                                       .beta_start = 0.00085,
                                       .beta_end = 0.012,
                                       .beta_schedule = BetaSchedule::kScaledLinear});
  return schedule;
}

at::Tensor Latent(double value) { return at::full({1, 4, 2, 2}, value); }

// The left column is made anew, the right one is 3.
LatentMask LeftColumn(bool before_denoising) {
  const at::Tensor column = at::full({1, 1, 2, 1}, 1.0);
  return {.original = Latent(3),
          .renewed = at::cat({column, column * 0}, 3),
          .before_denoising = before_denoising};
}

Guidance Texts(double cond, double uncond, double scale) {
  const auto text = [](double value) {
    return ConditioningSchedule({.context = at::full({1, 77, 2}, value)});
  };
  return {.conds = {{.conditioning = text(cond)}}, .uncond = text(uncond), .scale = scale};
}

// Predicts the mean of its context plus that of the channels behind the latent; keeps its input.
class Recorder {
 public:
  GuidedDenoiser Denoiser() {
    return GuidedDenoiser(
        [this](const at::Tensor& sample, absl::Span<const double>, const Conditioning& told,
               const RowAdapters*) {
          seen = sample;
          const at::Tensor latent = sample.narrow(1, 0, 4);
          const at::Tensor pictures = sample.size(1) > 4
                                          ? sample.narrow(1, 4, sample.size(1) - 4).mean({1, 2, 3})
                                          : at::zeros({sample.size(0)});
          return latent * 0 + (told.context.mean({1, 2}) + pictures).view({-1, 1, 1, 1});
        },
        Levels(), PredictionType::kEpsilon);
  }

  at::Tensor seen;
};

TEST(LatentMaskTest, ASamplerOverSigmasIsToldTheOriginal) {
  Recorder network;
  const DenoiserCall call{.x = Latent(10), .sigma = 2};
  const Guidance guidance = Texts(1, 0.5, 3);
  const LatentMask mask = LeftColumn(false);
  const at::Tensor denoised =
      network.Denoiser().Denoise({{.call = &call, .guidance = &guidance, .mask = &mask}}).denoised;
  EXPECT_TRUE(at::equal(denoised.select(3, 0), at::full({1, 4, 2}, 6.0)));
  EXPECT_TRUE(at::equal(denoised.select(3, 1), at::full({1, 4, 2}, 3.0)));
  EXPECT_TRUE(at::allclose(network.seen, Latent(10 / std::sqrt(5.0)).expand({2, 4, 2, 2})));
}

TEST(LatentMaskTest, TheNetworkOfASamplerOverTimestepsIsShownTheOriginal) {
  Recorder network;
  const DenoiserCall call{.x = Latent(10), .sigma = 2};
  const Guidance guidance = Texts(1, 0.5, 3);
  const LatentMask mask = LeftColumn(true);
  const Prediction prediction =
      network.Denoiser().Denoise({{.call = &call, .guidance = &guidance, .mask = &mask}});
  const at::Tensor shown = network.seen.narrow(0, 0, 1);
  EXPECT_TRUE(at::allclose(shown.select(3, 0), at::full({1, 4, 2}, 10 / std::sqrt(5.0))));
  EXPECT_TRUE(at::allclose(shown.select(3, 1), at::full({1, 4, 2}, 3.0)));
  // The noise that was found, 2 with guidance and 0.5 without, whatever was shown.
  EXPECT_TRUE(at::allclose((call.x - prediction.denoised) / 2, Latent(2)));
  EXPECT_TRUE(at::allclose((call.x - prediction.uncond) / 2, Latent(0.5)));
}

TEST(PictureChannelsTest, EveryRowOfACallIsShownItsOwnPicture) {
  Recorder network;
  const DenoiserCall call{.x = Latent(10), .sigma = 2};
  const Guidance guidance = Texts(1, 0.5, 3);
  const at::Tensor light = at::full({1, 5, 2, 2}, 7.0);
  const at::Tensor dark = at::full({1, 5, 2, 2}, -7.0);
  network.Denoiser().Denoise({{.call = &call, .guidance = &guidance, .picture = &light},
                              {.call = &call, .guidance = &guidance, .picture = &dark}});
  ASSERT_EQ(network.seen.size(0), 4);
  ASSERT_EQ(network.seen.size(1), 9);
  const at::Tensor shown = network.seen.narrow(1, 4, 5).mean({1, 2, 3});
  EXPECT_TRUE(at::equal(shown, at::cat({at::full({2}, 7.0), at::full({2}, -7.0)})));
}

// s_I and s_T of the paper: out_uncond + s_T (cond - img) + s_I (img - uncond), on predictions that
// are 10 - 2 * (text + picture).
TEST(PictureChannelsTest, InstructionsAreGuidedByTextAndPictureEach) {
  Recorder network;
  const DenoiserCall call{.x = Latent(10), .sigma = 2};
  Guidance guidance = Texts(1, 0.5, 3);
  guidance.picture_scale = 1.5;
  guidance.min_uncond_sigma = 100;  // has no say
  const at::Tensor picture = at::full({1, 4, 2, 2}, 0.25);
  for (const int number : {0, 1}) {
    const Prediction prediction = network.Denoiser().Denoise(
        {{.call = &call, .guidance = &guidance, .number = number, .picture = &picture}});
    const double both = 10 - 2 * 1.25;
    const double alone = 10 - 2 * 0.75;
    const double neither = 10 - 2 * 0.5;
    EXPECT_EQ(network.seen.size(0), 3);
    EXPECT_TRUE(at::allclose(prediction.denoised,
                             Latent(neither + 3 * (both - alone) + 1.5 * (alone - neither))));
    EXPECT_TRUE(at::allclose(prediction.uncond, Latent(neither)));
  }
}

}  // namespace
}  // namespace darkroom::diffusion
