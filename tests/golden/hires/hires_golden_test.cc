// Compares the second pass of hires fix with AUTOMATIC1111's; make_hires_goldens.py makes the data.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "naming/hires_pass.h"
#include "tests/golden/sampling/golden_runs.h"
#include "worker/diffusion/guidance/guided_denoiser.h"
#include "worker/diffusion/hires_pass.h"
#include "worker/diffusion/model/diffusion_model.h"

namespace darkroom::diffusion {
namespace {

constexpr double kTolerance = 1e-4;
constexpr int kSeed = 1234;
constexpr double kStrength = 0.6;
constexpr int kWidth = 48;
constexpr int kHeight = 32;

class HiresGoldenTest : public ::testing::Test {
 protected:
  // What the second pass begins with where it makes a picture of this size.
  at::Tensor Scaled(absl::string_view upscaler, const naming::HiresSize& size) const {
    const HiresFix hires{
        .upscaler = std::string(upscaler),
        .scaled = {.width = size.scaled_width, .height = size.scaled_height},
        .size = {.width = size.width, .height = size.height},
    };
    return std::get<at::Tensor>(
        ScaleForHires(*tiny_, hires, nullptr, goldens_.Get("latent")).value());
  }

  std::unique_ptr<SamplerContext> Context(const GoldenRun& run) const {
    const auto whole = static_cast<int>(naming::HiresScheduleSteps(kStrength, run.steps));
    InitSchedule levels =
        ResolveInitSigmas(*run.sampler, run.schedule, goldens_.model(), whole, run.steps - 1)
            .value();
    if (run.sampler->brownian_noise) {
      // As SamplingGoldens::Context.
      const at::Tensor values = goldens_.Get(absl::StrCat("sigmas of ", run.golden));
      const auto* sigmas = values.const_data_ptr<float>();
      levels.first_sigma = sigmas[0];
      levels.sigmas.assign(sigmas + whole - run.steps, sigmas + values.numel());
    }
    const at::Tensor latent = Scaled("Latent", naming::ScaledBy(kWidth, kHeight, 1.5));
    return std::make_unique<SamplerContext>(
        goldens_.model(), SamplerInput{.sigmas = std::move(levels.sigmas),
                                       .generator = MakeNoiseGenerator(NoiseSource::kPhilox, kSeed),
                                       .seed = kSeed,
                                       .options = {.eta = run.sampler->facts().default_eta},
                                       .height = static_cast<int>(latent.size(2)),
                                       .width = static_cast<int>(latent.size(3)),
                                       .init = InitLatent{.latent = latent,
                                                          .steps = whole,
                                                          .encoded_steps = run.steps - 1,
                                                          .first_sigma = levels.first_sigma}});
  }

  const c10::InferenceMode inference_;
  const SamplingGoldens goldens_ =
      SamplingGoldens::Open("tests/golden/hires/hires.safetensors").value();
  const std::unique_ptr<DiffusionModel> tiny_ =
      DiffusionModel::Load("tests/golden/tiny_model", {}).value();
};

TEST_F(HiresGoldenTest, EveryUpscalerBeginsTheSecondPassWithAutomatic1111sLatent) {
  const std::pair<std::string, naming::HiresSize> sizes[] = {
      {"x2", naming::ScaledBy(kWidth, kHeight, 2)},
      {"x1.5", naming::ScaledBy(kWidth, kHeight, 1.5)},
      {"80x88", naming::ResizedTo(kWidth, kHeight, 80, 88)},
      {"88x0", naming::ResizedTo(kWidth, kHeight, 88, 0)}};
  for (const naming::UpscalerName& upscaler : naming::Upscalers()) {
    for (const auto& [name, size] : sizes) {
      const std::string key = absl::StrCat(upscaler.name, "/", name);
      const at::Tensor actual = Scaled(upscaler.name, size);
      const at::Tensor expected = goldens_.Get(key);
      ASSERT_EQ(actual.sizes(), expected.sizes()) << key;
      if (upscaler.latent) {
        EXPECT_TRUE(actual.equal(expected)) << key << " " << RelativeError(actual, expected);
      } else {
        EXPECT_LT(RelativeError(actual, expected), kTolerance) << key;
      }
    }
  }
}

TEST_F(HiresGoldenTest, EveryPointOfTheSecondPassIsAutomatic1111s) {
  const GuidedDenoiser denoiser(
      [&](const at::Tensor& sample, absl::Span<const double> timesteps, const Conditioning& told,
          const RowAdapters*) { return tiny_->unet().Forward(sample, timesteps, told.context); },
      goldens_.model(), PredictionType::kEpsilon);
  const std::vector<GoldenRun> runs = goldens_.Runs("guided");
  EXPECT_EQ(runs.size(), 7u);
  for (const GoldenRun& run : runs) {
    const Guidance guidance{
        .conds = {{.conditioning = ConditioningSchedule({.context = goldens_.Get("cond")})}},
        .uncond = ConditioningSchedule({.context = goldens_.Get("uncond")}),
        .scale = 5};
    const auto ctx = Context(run);
    const auto denoise = [&](const DenoiserCall& call) {
      return denoiser.Denoise({{.call = &call, .guidance = &guidance}});
    };
    const std::vector<at::Tensor> actual = Visit(run.sampler->function, *ctx, denoise);
    const at::Tensor expected = goldens_.Get(run.golden);
    ASSERT_EQ(static_cast<int>(actual.size()), expected.size(0)) << run.golden;
    for (std::size_t i = 0; i < actual.size(); ++i) {
      const auto index = static_cast<std::int64_t>(i);
      EXPECT_LT(RelativeError(actual[i], expected.narrow(0, index, 1)), kTolerance)
          << run.golden << " " << i;
    }
  }
}

}  // namespace
}  // namespace darkroom::diffusion
