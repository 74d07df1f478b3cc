// Compares what samplers make of a picture's latent with AUTOMATIC1111's img2img; the data is made
// by make_img2img_goldens.py.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "naming/img2img_steps.h"
#include "tests/golden/sampling/golden_runs.h"
#include "worker/diffusion/guidance/guided_denoiser.h"
#include "worker/diffusion/model/diffusion_model.h"

namespace darkroom::diffusion {
namespace {

constexpr double kTolerance = 1e-4;
constexpr int kSeed = 1234;

class Img2imgGoldenTest : public ::testing::Test {
 protected:
  std::unique_ptr<SamplerContext> Context(const GoldenRun& run, double strength) const {
    const int encoded_steps = naming::EncodedSteps(strength, run.steps);
    InitSchedule schedule =
        ResolveInitSigmas(*run.sampler, run.schedule, goldens_.model(), run.steps, encoded_steps)
            .value();
    if (run.sampler->brownian_noise) {
      // As SamplingGoldens::Context.
      const at::Tensor values = goldens_.Get(absl::StrCat("sigmas of ", run.golden));
      const auto* whole = values.const_data_ptr<float>();
      schedule.first_sigma = whole[0];
      schedule.sigmas.assign(whole + run.steps - encoded_steps - 1, whole + values.numel());
    }
    const at::Tensor latent = goldens_.Get("latent");
    return std::make_unique<SamplerContext>(
        goldens_.model(), SamplerInput{.sigmas = std::move(schedule.sigmas),
                                       .generator = MakeNoiseGenerator(NoiseSource::kPhilox, kSeed),
                                       .seed = kSeed,
                                       .options = {.eta = run.sampler->facts().default_eta},
                                       .height = static_cast<int>(latent.size(2)),
                                       .width = static_cast<int>(latent.size(3)),
                                       .init = InitLatent{.latent = latent,
                                                          .steps = run.steps,
                                                          .encoded_steps = encoded_steps,
                                                          .first_sigma = schedule.first_sigma}});
  }

  static void ExpectVisits(const std::vector<at::Tensor>& actual, const at::Tensor& expected,
                           const std::string& name) {
    ASSERT_EQ(static_cast<int>(actual.size()), expected.size(0)) << name;
    double worst = 0;
    for (std::size_t i = 0; i < actual.size(); ++i) {
      const auto index = static_cast<std::int64_t>(i);
      const double error = RelativeError(actual[i], expected.narrow(0, index, 1));
      EXPECT_LT(error, kTolerance) << name << " " << i;
      worst = std::max(worst, error);
    }
    RecordProperty(name, absl::StrCat(worst));
  }

  const SamplingGoldens goldens_ =
      SamplingGoldens::Open("tests/golden/img2img/img2img.safetensors").value();
};

TEST_F(Img2imgGoldenTest, EveryPointOfEveryTrajectoryIsAutomatic1111s) {
  for (const double strength : {0.04, 0.3, 0.75, 1.0}) {
    const std::string kind =
        absl::StrCat("analytic ", strength == 1 ? "1.0" : absl::StrCat(strength));
    const std::vector<GoldenRun> runs = goldens_.Runs(kind);
    EXPECT_GE(runs.size(), Samplers().size() - (strength == 0.04 ? 6 : 0)) << kind;
    for (const GoldenRun& run : runs) {
      const auto ctx = Context(run, strength);
      const auto denoise = [&](const DenoiserCall& call) { return Analytic(call, *run.sampler); };
      ExpectVisits(Visit(run.sampler->function, *ctx, denoise), goldens_.Get(run.golden),
                   run.golden);
    }
  }
}

// What a tiny UNet with guidance makes of the runs of one kind, at a strength of 0.6.
class GuidedImg2imgGoldenTest : public Img2imgGoldenTest {
 protected:
  void ExpectRuns(const std::string& kind, const std::optional<LatentMask>& mask) const {
    const c10::InferenceMode inference;
    const std::unique_ptr<DiffusionModel> tiny =
        DiffusionModel::Load("tests/golden/tiny_model", {}).value();
    const GuidedDenoiser denoiser(
        [&](const at::Tensor& sample, absl::Span<const double> timesteps, const Conditioning& told,
            const RowAdapters*) { return tiny->unet().Forward(sample, timesteps, told.context); },
        goldens_.model(), PredictionType::kEpsilon);
    const std::vector<GoldenRun> runs = goldens_.Runs(kind);
    EXPECT_EQ(runs.size(), Samplers().size() - 1) << "all but DPM adaptive: see the script";
    for (const GoldenRun& run : runs) {
      const Guidance guidance{
          .conds = {{.conditioning = ConditioningSchedule({.context = goldens_.Get("cond")})}},
          .uncond = ConditioningSchedule({.context = goldens_.Get("uncond")}),
          .scale = 5 * run.sampler->guidance_factor};
      std::optional<LatentMask> own = mask;
      if (own.has_value()) own->before_denoising = run.sampler->facts().over_timesteps;
      const auto ctx = Context(run, 0.6);
      const auto denoise = [&](const DenoiserCall& call) {
        return denoiser.Denoise(
            {{.call = &call, .guidance = &guidance, .mask = own.has_value() ? &*own : nullptr}});
      };
      ExpectVisits(Visit(run.sampler->function, *ctx, denoise), goldens_.Get(run.golden),
                   run.golden);
    }
  }
};

TEST_F(GuidedImg2imgGoldenTest, TrajectoriesAreAutomatic1111s) {
  ExpectRuns("guided 0.6", std::nullopt);
}

TEST_F(GuidedImg2imgGoldenTest, TrajectoriesWithAMaskAreAutomatic1111s) {
  ExpectRuns("masked 0.6",
             LatentMask{.original = goldens_.Get("latent"), .renewed = goldens_.Get("renewed")});
}

}  // namespace
}  // namespace darkroom::diffusion
