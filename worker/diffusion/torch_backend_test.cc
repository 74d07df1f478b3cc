#include "worker/diffusion/torch_backend.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tokenizer/clip_tokenizer.h"
#include "worker/diffusion/demo_backend.h"
#include "worker/diffusion/tiny_requests.h"

namespace darkroom::diffusion {
namespace {

class TorchBackendTest : public DemoBackendTest {};

TEST_F(TorchBackendTest, LimitsComeFromTheModelsConfig) {
  const ModelInfo& info = backend_->info();
  EXPECT_EQ(info.family, "sd1");
  EXPECT_EQ(info.hash, "0123456789");
  EXPECT_EQ(info.default_width, 128);
  EXPECT_EQ(info.max_side, 256);
  EXPECT_EQ(info.max_pixels, 256 * 256);
  EXPECT_EQ(info.size_multiple, 8);
  EXPECT_EQ(info.max_clip_skip, 2);
  EXPECT_EQ(info.default_sampler, "DPM++ 2M");
  EXPECT_GE(backend_->max_rows({.latent_height = 16, .latent_width = 16}), 8);
}

TEST_F(TorchBackendTest, WhatDoesNotFitIntoTheMemoryOfJobsIsRefused) {
  const std::unique_ptr<Backend> small =
      LoadTorchBackend("models/demo", {.threads = 1, .job_bytes = 40 << 20}).value();
  EXPECT_LT(small->info().max_pixels, backend_->info().max_pixels);
  EXPECT_GE(small->info().max_pixels, 64 * 64);
  EXPECT_TRUE(small->Start(Request("a cat", 1)).ok());
  ImageRequest large = Request("a cat", 1);
  large.width = large.height = 256;
  const absl::Status refused = small->Start(large).status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_THAT(refused.message(), ::testing::HasSubstr("width * height"));
  EXPECT_EQ(DescribeModel("models/demo", {.job_bytes = 40 << 20})->info.max_pixels,
            small->info().max_pixels);
  const BatchKey key{.latent_height = 8, .latent_width = 8};
  EXPECT_LT(small->max_rows(key), backend_->max_rows(key));
}

TEST_F(TorchBackendTest, APictureIsTheSameAloneAndBesideSevenOthers) {
  constexpr std::size_t kTogether = 8;
  std::vector<ImageRequest> requests;
  for (const std::string& sampler : backend_->info().samplers) {
    const int i = static_cast<int>(requests.size());
    requests.push_back(Request("a green tree, number " + std::to_string(i), 100 + i));
    requests.back().sampler = sampler;
    requests.back().schedule = "Automatic";
    requests.back().steps = 3 + i % 5;
    requests.back().guidance_scale = 1 + i % 4;  // the first has no unconditional row
    if (requests.size() > kTogether) requests.back().width = requests.back().height = 32;
  }
  for (std::size_t next = 0; next < requests.size(); next += kTogether) {
    // The last eight, where fewer are left.
    const std::size_t first = std::min(next, requests.size() - kTogether);
    std::vector<std::unique_ptr<Generation>> generations;
    std::vector<Generation*> all;
    for (std::size_t i = first; i < first + kTogether; ++i) {
      generations.push_back(Start(requests[i]));
      all.push_back(generations.back().get());
    }
    Finish(all);
    for (std::size_t i = 0; i < kTogether; ++i) {
      const ImageRequest& request = requests[first + i];
      EXPECT_EQ(backend_->Decode(*all[i], 0).value(), Paint(request)) << request.sampler;
    }
  }
}

TEST_F(TorchBackendTest, ImageIOfARequestIsTheImageOfSeedPlusI) {
  ImageRequest two = Request("a cat", 5);
  two.image_count = 2;
  const std::unique_ptr<Generation> generation = Start(two);
  Finish({generation.get()});
  EXPECT_EQ(LargestDifference(backend_->Decode(*generation, 0).value(), Paint(Request("a cat", 5))),
            0);
  EXPECT_EQ(LargestDifference(backend_->Decode(*generation, 1).value(), Paint(Request("a cat", 6))),
            0);
}

TEST_F(TorchBackendTest, EveryParameterChangesThePicture) {
  const ImageRequest request = Request("a cat", 5);
  const RgbImage base = Paint(request);
  EXPECT_EQ(base, Paint(request));
  std::vector<ImageRequest> changed(16, request);
  changed[0].prompt = "a dog";
  changed[1].negative_prompt = "blue";
  changed[2].guidance_scale = 1;
  changed[3].clip_skip = 2;
  changed[4].noise_source = NoiseSource::kMt19937;
  changed[5].schedule = "Uniform";
  changed[6].sampler = "Euler";
  changed[7].variation = {.seed = 9, .strength = 0.3};
  changed[8].seed_resize_from = {.width = 32, .height = 128};
  changed[9].schedule_settings.sigma_min = 0.2;
  changed[10].schedule_settings.sigma_max = 9;
  changed[11].schedule_settings.rho = 4;
  changed[12].schedule_settings.discard_next_to_last_sigma = true;
  changed[13].guidance_settings.rescale = 0.7;
  changed[14].guidance_settings.min_negative_sigma = 20;
  changed[15].guidance_settings = {.min_negative_sigma = 3, .skip_negative_at_every_call = true};
  for (std::size_t i = 0; i < changed.size(); ++i) EXPECT_NE(Paint(changed[i]), base) << i;
}

TEST_F(TorchBackendTest, EveryOptionChangesThePicturesOfItsSamplers) {
  const auto expect_change = [](const char* sampler, const char* schedule, auto change) {
    ImageRequest request = Request("a (red:1.4) cat", 5);
    request.sampler = sampler;
    request.schedule = schedule;
    const RgbImage base = Paint(request);
    change(request);
    EXPECT_NE(Paint(request), base) << sampler;
  };
  expect_change("Euler a", "Karras", [](ImageRequest& r) { r.sampler_settings.eta = 0.5; });
  expect_change("Euler a", "Karras", [](ImageRequest& r) { r.eta_seed_delta = 31337; });
  expect_change("DDIM", "Automatic", [](ImageRequest& r) { r.sampler_settings.eta = 0.5; });
  expect_change("Euler", "Karras", [](ImageRequest& r) { r.sampler_settings.s_churn = 2; });
  expect_change("DPM2 a", "Karras", [](ImageRequest& r) { r.sampler_settings.s_noise = 1.1; });
  expect_change("Euler", "Beta", [](ImageRequest& r) { r.schedule_settings.beta_alpha = 2; });
  expect_change("Euler", "Beta", [](ImageRequest& r) { r.schedule_settings.beta_beta = 2; });
  expect_change("Euler", "Karras", [](ImageRequest& r) { r.emphasis = prompt::Emphasis::kIgnore; });
}

TEST_F(TorchBackendTest, ThePromptLanguageReachesThePicture) {
  const auto paint = [](const std::string& prompt) {
    ImageRequest request = Request(prompt, 5);
    request.sampler = "Euler";
    return Paint(request);
  };
  const RgbImage cat = paint("a cat");
  EXPECT_EQ(paint("a cat<other:detail:0.7>"), cat);
  EXPECT_EQ(paint("a [cat:dog:1.0]"), cat);
  EXPECT_NE(paint("a [cat:dog:1]"), cat);
  EXPECT_NE(paint("a [cat|dog]"), cat);
  EXPECT_NE(paint("a cat AND a tree"), cat);
  EXPECT_NE(paint("a cat AND a tree"), paint("a cat AND a tree:0.5"));
  EXPECT_NE(paint("a cat:0.5"), cat);
  EXPECT_NE(paint("a (cat:1.5)"), cat);
  EXPECT_NE(paint("a BREAK cat"), cat);
}

TEST_F(TorchBackendTest, PromptsOfSecondOrderSamplersCountTwoCallsAStep) {
  const auto paint = [](const std::string& prompt) {
    ImageRequest request = Request(prompt, 5);
    request.sampler = "Heun";
    return Paint(request);
  };
  // Seven calls in four steps, of the eight that are counted.
  EXPECT_EQ(paint("a [cat:dog:6]"), paint("a cat"));
  EXPECT_NE(paint("a [cat:dog:5]"), paint("a cat"));
  EXPECT_EQ(paint("a [cat:dog:0.5]"), paint("a [cat:dog:4]"));
}

TEST_F(TorchBackendTest, AVariationKeepsTheSeedAndMovesItsOwn) {
  ImageRequest two = Request("a cat", 5);
  two.image_count = 2;
  two.variation = {.seed = 20, .strength = 0.3};
  const std::unique_ptr<Generation> generation = Start(two);
  Finish({generation.get()});
  ImageRequest second = Request("a cat", 5);
  second.variation = {.seed = 21, .strength = 0.3};
  EXPECT_EQ(backend_->Decode(*generation, 1).value(), Paint(second));
}

// Jobs that differ from Request() in all that a batch could mix up.
std::vector<ImageRequest> Neighbours() {
  std::vector<ImageRequest> others(6, Request("a green tree", 100));
  others[0].prompt = "a (cat:1.3) AND a [dog|bird] :0.6 AND a red sky :-0.2";
  others[1].prompt = "a [star::2] " + std::string(90, 'x') + " BREAK (a tree:1.4), (a cup:0.6)";
  others[1].negative_prompt = "[blurry:ugly:2] BREAK (dark:1.2)";
  others[2].sampler = "DPM++ 2S a";
  others[2].steps = 6;
  others[2].eta_seed_delta = 31337;
  others[3].guidance_scale = 1;
  others[4].guidance_settings = {.rescale = 0.7, .min_negative_sigma = 5};
  others[4].prompt = "(a house:1.5)";
  others[5].sampler = "DDIM CFG++";
  others[5].schedule_settings.sigma_max = 9;
  return others;
}

TEST_F(TorchBackendTest, APictureIsTheSameBesidePromptsOfEveryKind) {
  std::vector<ImageRequest> requests = Neighbours();
  requests.push_back(Request("a (red:1.4) [apple|pear] AND a blue background:0.8", 11));
  requests.back().negative_prompt = "(dark:1.2) [ugly:blurry:2]";
  requests.back().sampler = "Euler a";
  std::vector<RgbImage> alone;
  for (const ImageRequest& request : requests) alone.push_back(Paint(request));

  std::vector<std::unique_ptr<Generation>> generations;
  for (const ImageRequest& request : requests) generations.push_back(Start(request));
  // Batches of all that share a key, as the engine makes them.
  std::map<BatchKey, std::vector<Generation*>> batches;
  for (const auto& generation : generations) {
    batches[generation->batch_key(0)].push_back(generation.get());
  }
  EXPECT_GE(batches.size(), 2u);
  for (const auto& [key, batch] : batches) Finish(batch);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(backend_->Decode(*generations[i], 0).value(), alone[i]) << requests[i].prompt;
  }
}

// Of a tiny model, because it takes 600 calls.
TEST(TinyBackendTest, AnAdaptiveSamplerThatNeverArrivesFailsAlone) {
  const std::unique_ptr<Backend> backend =
      LoadTorchBackend("tests/golden/tiny_model", {.threads = 1}).value();
  ImageRequest hopeless = TinyRequest("a cat");
  hopeless.sampler = "DPM adaptive";
  hopeless.guidance_scale = 1e12;
  const std::unique_ptr<Generation> failing = backend->Start(hopeless).value();
  const std::unique_ptr<Generation> good = backend->Start(TinyRequest("a cat")).value();
  absl::Status failure;
  int calls = 0;
  while (failure.ok() && !failing->done(0)) {
    std::vector<Row> rows = {{failing.get(), 0}};
    if (!good->done(0)) rows.push_back({good.get(), 0});
    failure = backend->Step(rows).value()[0];
    ++calls;
  }
  EXPECT_TRUE(absl::IsInternal(failure)) << failure;
  EXPECT_THAT(std::string(failure.message()), ::testing::HasSubstr("DPM adaptive"));
  EXPECT_EQ(calls, 600);
  EXPECT_EQ(backend->Decode(*good, 0).value(), PaintTogether(*backend, {TinyRequest("a cat")})[0]);
}

TEST_F(TorchBackendTest, TheTokenizerIsPublished) {
  auto tokenizer = tokenizer::ClipTokenizer::Parse(backend_->tokenizer());
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  EXPECT_THAT(tokenizer->Tokenize("a red apple"), ::testing::SizeIs(3));
}

TEST_F(TorchBackendTest, WithoutGuidanceTheNegativePromptHasNoSay) {
  ImageRequest request = Request("a cat", 5);
  request.guidance_scale = 1;
  const RgbImage base = Paint(request);
  request.negative_prompt = "blue";
  EXPECT_EQ(Paint(request), base);
}

TEST_F(TorchBackendTest, CfgPlusPlusNeedsTheNegativePromptAtEveryScale) {
  ImageRequest request = Request("a tree", 3);
  request.sampler = "DDIM CFG++";
  for (const double scale : {1.0, 12.5}) {
    request.guidance_scale = scale;
    request.negative_prompt = "";
    const RgbImage without = Paint(request);
    request.negative_prompt = "a star";
    EXPECT_GT(LargestDifference(without, Paint(request)), 0) << scale;
  }
}

TEST_F(TorchBackendTest, AJobWhoseValuesOverflowFailsAlone) {
  ImageRequest bad = Request("a cat", 5);
  bad.guidance_scale = 3e38;
  const auto failing = Start(bad);
  const auto good = Start(Request("a cat", 5));
  const std::vector<Row> rows = {{failing.get(), 0}, {good.get(), 0}};
  absl::Status failure;
  while (failure.ok()) {
    ASSERT_FALSE(failing->done(0));
    const std::vector<absl::Status> statuses = backend_->Step(rows).value();
    failure = statuses[0];
    EXPECT_TRUE(statuses[1].ok());
  }
  EXPECT_TRUE(absl::IsInternal(failure)) << failure;
  Finish({good.get()});
  EXPECT_EQ(backend_->Decode(*good, 0).value(), Paint(Request("a cat", 5)));
}

TEST_F(TorchBackendTest, AGenerationCanGoAtAnyTime) {
  auto stopped = Start(Request("a cat", 5));
  const auto other = Start(Request("a dog", 6));
  ASSERT_TRUE(backend_->Step({{stopped.get(), 0}, {other.get(), 0}}).ok());
  stopped.reset();
  Finish({other.get()});
  EXPECT_TRUE(other->done(0));
  Start(Request("a bird", 7));  // destroyed before its first step
}

TEST_F(TorchBackendTest, LongPromptsTakeMoreChunksOnBothSides) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "red apple ";
  ImageRequest longer = Request(text, 1);
  const auto generation = Start(longer);
  EXPECT_EQ(generation->batch_key(0).chunks, 2);
  Finish({generation.get()});
  std::swap(longer.prompt, longer.negative_prompt);
  EXPECT_EQ(Start(longer)->batch_key(0).chunks, 2);
  longer.guidance_scale = 1;
  EXPECT_EQ(Start(longer)->batch_key(0).chunks, 1);
}

TEST_F(TorchBackendTest, APreviewIsSmallAndFollowsThePicture) {
  const auto generation = Start(Request("a red apple on a blue background", 3));
  const RgbImage before = backend_->Preview(*generation, 0).value();
  EXPECT_EQ(before.width, 32);
  EXPECT_EQ(before.height, 32);
  EXPECT_EQ(before.pixels.size(), 32u * 32 * 3);
  Finish({generation.get()});
  const RgbImage after = backend_->Preview(*generation, 0).value();
  EXPECT_NE(before, after);
  // The linear guess is near the decoded picture on the average.
  const RgbImage picture = backend_->Decode(*generation, 0).value();
  const auto mean = [](const RgbImage& image, int channel) {
    double sum = 0;
    for (std::size_t i = channel; i < image.pixels.size(); i += 3) sum += image.pixels[i];
    return 3 * sum / static_cast<double>(image.pixels.size());
  };
  for (int channel = 0; channel < 3; ++channel) {
    EXPECT_NEAR(mean(after, channel), mean(picture, channel), 40) << channel;
  }
}

TEST_F(TorchBackendTest, SidesThatHalveToOddNumbersWork) {
  ImageRequest request = Request("a cat", 5);
  request.width = 72;
  request.height = 8;
  request.steps = 2;
  const RgbImage picture = Paint(request);
  EXPECT_EQ(picture.width, 72);
  EXPECT_EQ(picture.height, 8);
}

TEST_F(TorchBackendTest, AStepOfNoRowsIsRefused) {
  EXPECT_TRUE(absl::IsFailedPrecondition(backend_->Step({}).status()));
}

TEST_F(TorchBackendTest, RequestsOutsideTheLimitsAreRefused) {
  const auto code = [](auto change) {
    ImageRequest request = Request("a cat", 5);
    change(request);
    return backend_->Start(request).status().code();
  };
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code([](ImageRequest& r) { r.width = 264; }), kInvalid);
  EXPECT_EQ(code([](ImageRequest& r) { r.height = 63; }), kInvalid);
  EXPECT_EQ(code([](ImageRequest& r) { r.steps = 10'000; }), kInvalid);
  EXPECT_EQ(code([](ImageRequest& r) { r.sampler = "Unheard of"; }), kInvalid);
  EXPECT_EQ(code([](ImageRequest& r) { r.clip_skip = 3; }), kInvalid);
  EXPECT_EQ(code([](ImageRequest& r) { r.guidance_scale = std::nan(""); }), kInvalid);
  EXPECT_EQ(code([](ImageRequest& r) { r.image_count = 0; }), kInvalid);
}

TEST(LoadTorchBackendTest, ProblemsAreNamed) {
  EXPECT_EQ(LoadTorchBackend("models/absent", {}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(LoadTorchBackend("models/demo", {.dtype = "float17"}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(LoadTorchBackend("models/demo", {.device = "quantum"}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace darkroom::diffusion
