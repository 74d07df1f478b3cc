#include "worker/diffusion/torch_backend.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using ::testing::Each;

ImageRequest Request(std::string prompt, std::int64_t seed) {
  ImageRequest request;
  request.prompt = std::move(prompt);
  request.seed = seed;
  request.width = 64;
  request.height = 64;
  request.steps = 4;
  request.sampler = "DPM++ 2M";
  request.schedule = "Karras";
  request.guidance_scale = 4;
  return request;
}

class TorchBackendTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    // One thread: on a busy machine libgomp's threads wait for each other at every operation.
    backend_ = LoadTorchBackend("models/demo", {.threads = 1, .model_hash = "0123456789"})
                   .value()
                   .release();
  }
  static void TearDownTestSuite() { delete std::exchange(backend_, nullptr); }

  static std::unique_ptr<Generation> Start(const ImageRequest& request) {
    return backend_->Start(request).value();
  }

  // Steps every image of every generation, all in one batch, until none is left.
  static void Finish(const std::vector<Generation*>& generations) {
    while (true) {
      std::vector<Row> rows;
      for (Generation* generation : generations) {
        for (int i = 0; i < generation->image_count(); ++i) {
          if (!generation->done(i)) rows.push_back({.generation = generation, .image = i});
        }
      }
      if (rows.empty()) return;
      ASSERT_THAT(backend_->Step(rows).value(), Each(absl::OkStatus()));
    }
  }

  static RgbImage Paint(const ImageRequest& request) {
    const std::unique_ptr<Generation> generation = Start(request);
    Finish({generation.get()});
    return backend_->Decode(*generation, 0).value();
  }

  static int LargestDifference(const RgbImage& a, const RgbImage& b) {
    EXPECT_EQ(a.pixels.size(), b.pixels.size());
    int largest = 0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i) {
      largest = std::max(largest, std::abs(int{a.pixels[i]} - int{b.pixels[i]}));
    }
    return largest;
  }

  static Backend* backend_;
};

Backend* TorchBackendTest::backend_ = nullptr;

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

TEST_F(TorchBackendTest, APictureIsTheSameAloneAndBesideSevenOthers) {
  const std::vector<std::string> samplers = backend_->info().samplers;
  for (const std::string& sampler : samplers) {
    ImageRequest request = Request("a red apple on a blue background", 11);
    request.sampler = sampler;
    request.schedule = "Automatic";
    const RgbImage alone = Paint(request);

    std::vector<std::unique_ptr<Generation>> generations;
    for (int i = 0; i < 7; ++i) {
      ImageRequest other = Request("a green tree, number " + std::to_string(i), 100 + i);
      other.sampler = samplers[i % samplers.size()];
      other.steps = 3 + i;
      other.guidance_scale = 1 + i;  // the first has no unconditional row
      generations.push_back(Start(other));
    }
    generations.insert(generations.begin() + 4, Start(request));
    std::vector<Generation*> all;
    for (const auto& generation : generations) all.push_back(generation.get());
    Finish(all);
    const RgbImage among_others = backend_->Decode(*generations[4], 0).value();
    EXPECT_EQ(LargestDifference(alone, among_others), 0) << sampler;
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
  std::vector<ImageRequest> changed(7, request);
  changed[0].prompt = "a dog";
  changed[1].negative_prompt = "blue";
  changed[2].guidance_scale = 1;
  changed[3].clip_skip = 2;
  changed[4].noise_source = NoiseSource::kMt19937;
  changed[5].schedule = "Uniform";
  changed[6].sampler = "Euler";
  for (std::size_t i = 0; i < changed.size(); ++i) EXPECT_NE(Paint(changed[i]), base) << i;
}

TEST_F(TorchBackendTest, WithoutGuidanceTheNegativePromptHasNoSay) {
  ImageRequest request = Request("a cat", 5);
  request.guidance_scale = 1;
  const RgbImage base = Paint(request);
  request.negative_prompt = "blue";
  EXPECT_EQ(Paint(request), base);
}

TEST_F(TorchBackendTest, ALegacyNameIsItsSamplerAndSchedule) {
  ImageRequest legacy = Request("a tree", 3);
  legacy.sampler = "k_dpmpp_2m_ka";
  legacy.schedule = "";
  EXPECT_EQ(LargestDifference(Paint(legacy), Paint(Request("a tree", 3))), 0);
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
  EXPECT_EQ(generation->batch_key().chunks, 2);
  Finish({generation.get()});
  std::swap(longer.prompt, longer.negative_prompt);
  EXPECT_EQ(Start(longer)->batch_key().chunks, 2);
  longer.guidance_scale = 1;
  EXPECT_EQ(Start(longer)->batch_key().chunks, 1);
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
