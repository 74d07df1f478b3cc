// Samplers that go on from where another trajectory was.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/equal.h"
#include "ATen/ops/full.h"
#include "ATen/ops/tanh.h"
#include "gtest/gtest.h"
#include "worker/diffusion/sampling/sampler_registry.h"

namespace darkroom::diffusion {
namespace {

constexpr int kGoingOnSeed = 5;

class GoingOnTest : public ::testing::TestWithParam<SamplerDefinition> {
 protected:
  struct Case {
    int steps = 0;
    SamplerOptions options = {};
    NoiseSource noise = NoiseSource::kPhilox;
    int encoded_steps = 0;  // of a picture to begin with; 0: there is none
  };

  // What a trajectory has been through.
  struct Way {
    at::Tensor result;
    int calls = 0;
    int steps_done = 0;
    std::vector<SamplerState> states;  // after each round
  };

  std::unique_ptr<SamplerContext> Context(const Case& of) const {
    SamplerInput input{.sigmas = {},
                       .generator = MakeNoiseGenerator(of.noise, kGoingOnSeed),
                       .noise_source = of.noise,
                       .seed = kGoingOnSeed,
                       .options = of.options,
                       .height = 2,
                       .width = 3};
    if (of.encoded_steps == 0) {
      input.sigmas = ResolveSigmas(GetParam(), "Karras", model_, of.steps).value();
    } else {
      InitSchedule schedule =
          ResolveInitSigmas(GetParam(), "Karras", model_, of.steps, of.encoded_steps).value();
      input.sigmas = std::move(schedule.sigmas);
      input.init = InitLatent{.latent = at::full({1, 4, 2, 3}, 0.25),
                              .steps = of.steps,
                              .encoded_steps = of.encoded_steps,
                              .first_sigma = schedule.first_sigma};
    }
    return std::make_unique<SamplerContext>(model_, std::move(input));
  }

  // From a state, or from the beginning.
  Way Walk(const Case& of, const SamplerState& from = {}) const {
    const auto ctx = Context(of);
    ctx->GoOnFrom(from);
    Trajectory trajectory = GetParam().function(*ctx);
    trajectory.Start();
    EXPECT_EQ(ctx->steps_done(), from.steps_done);
    Way way;
    while (!trajectory.done()) {
      // Pulls each value towards −1 or 1, and by sigma, so that calls at another one differ.
      const double sigma = trajectory.call().sigma;
      trajectory.Resume({.denoised = at::tanh(trajectory.call().x / (1 + sigma)),
                         .uncond = at::tanh(trajectory.call().x / (2 + sigma))});
      ++way.calls;
      if (ctx->state().rounds > static_cast<int>(way.states.size()) + from.rounds) {
        way.states.push_back(ctx->state());
      }
    }
    EXPECT_TRUE(ctx->status().ok()) << ctx->status();
    way.result = trajectory.result();
    way.steps_done = ctx->steps_done();
    return way;
  }

  void ExpectTheSameFromEveryRound(const Case& of) const {
    const Way whole = Walk(of);
    ASSERT_FALSE(whole.states.empty());
    for (const SamplerState& state : whole.states) {
      const Way rest = Walk(of, state);
      EXPECT_TRUE(at::equal(rest.result, whole.result)) << state.rounds << " of " << of.steps;
      EXPECT_LT(rest.calls, whole.calls) << state.rounds;
      EXPECT_EQ(rest.steps_done, whole.steps_done) << state.rounds;
    }
    EXPECT_EQ(Walk(of, whole.states.back()).calls, 0) << "the last round leaves nothing to do";
  }

  const NoiseSchedule model_{{.num_train_timesteps = 1000,
                              .beta_start = 0.00085,
                              .beta_end = 0.012,
                              .beta_schedule = BetaSchedule::kScaledLinear}};
};

TEST_P(GoingOnTest, FromEveryRoundTheLatentIsTheSameBitForBit) {
  for (const int steps : {5, 20, 36}) {
    ExpectTheSameFromEveryRound(
        {.steps = steps, .options = {.eta = GetParam().facts().default_eta}});
  }
}

TEST_P(GoingOnTest, WithNoiseOfEveryKindLikewise) {
  for (const NoiseSource noise : {NoiseSource::kPhilox, NoiseSource::kMt19937}) {
    ExpectTheSameFromEveryRound(
        {.steps = 9, .options = {.eta = 0.6, .s_churn = 3, .s_noise = 1.1}, .noise = noise});
  }
}

TEST_P(GoingOnTest, OfAPictureToBeginWithLikewise) {
  ExpectTheSameFromEveryRound(
      {.steps = 12, .options = {.eta = GetParam().facts().default_eta}, .encoded_steps = 7});
}

TEST_P(GoingOnTest, WhatTheSamplerDoesNotCarryIsRefused) {
  const Case of{.steps = 6};
  SamplerState state = Walk(of).states.front();
  state.tensors.push_back(state.tensors[0]);
  const auto ctx = Context(of);
  ctx->GoOnFrom(state);
  Trajectory trajectory = GetParam().function(*ctx);
  trajectory.Start();
  EXPECT_TRUE(absl::IsDataLoss(ctx->status())) << ctx->status();
}

INSTANTIATE_TEST_SUITE_P(All, GoingOnTest,
                         ::testing::ValuesIn(Samplers().begin(), Samplers().end()),
                         [](const auto& info) { return "Sampler" + std::to_string(info.index); });

}  // namespace
}  // namespace darkroom::diffusion
