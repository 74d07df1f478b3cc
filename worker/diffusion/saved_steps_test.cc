// Pictures that another backend goes on with.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "naming/hires_pass.h"
#include "worker/diffusion/adapters/test_file.h"
#include "worker/diffusion/demo_backend.h"

namespace darkroom::diffusion {
namespace {

constexpr std::size_t kNoBound = 1 << 22;

class SavedStepsTest : public DemoBackendTest {
 protected:
  // As a worker on another machine has it.
  static void SetUpTestSuite() {
    DemoBackendTest::SetUpTestSuite();
    other_ = LoadTorchBackend("models/demo", {.threads = 1, .model_hash = "0123456789"})
                 .value()
                 .release();
  }
  static void TearDownTestSuite() {
    delete std::exchange(other_, nullptr);
    DemoBackendTest::TearDownTestSuite();
  }

  // One denoiser call of an image, or one piece of what is between its passes.
  static void Advance(Backend& backend, Generation& generation, int image) {
    if (generation.scaling_left(image) > 0) {
      ASSERT_TRUE(backend.Scale(generation, image).ok());
    } else {
      ASSERT_THAT(backend.Step({{&generation, image}}).value(), ::testing::Each(absl::OkStatus()));
    }
  }
  static std::vector<RgbImage> FinishOn(Backend& backend, Generation& generation) {
    std::vector<RgbImage> pictures;
    for (int i = 0; i < generation.image_count(); ++i) {
      while (!generation.done(i)) Advance(backend, generation, i);
      pictures.push_back(backend.Decode(generation, i).value());
    }
    return pictures;
  }

  // Makes `calls` calls of each image on the one backend, goes on with the other, and returns how
  // many steps that has begun after.
  static int ExpectTheSameAfter(const ImageRequest& request, const std::vector<int>& calls) {
    const std::unique_ptr<Generation> whole = Start(request);
    const std::vector<RgbImage> expected = FinishOn(*backend_, *whole);
    const std::unique_ptr<Generation> first = Start(request);
    for (int i = 0; i < first->image_count(); ++i) {
      for (int call = 0; call < calls[i]; ++call) Advance(*backend_, *first, i);
    }
    const absl::StatusOr<std::string> saved = backend_->Save(*first, kNoBound);
    EXPECT_TRUE(saved.ok()) << saved.status();
    absl::StatusOr<std::unique_ptr<Generation>> second = other_->Continue(request, *saved);
    EXPECT_TRUE(second.ok()) << second.status();
    if (!second.ok()) return -1;
    int steps = request.steps;
    for (int i = 0; i < first->image_count(); ++i) {
      EXPECT_LE((*second)->steps_done(i), first->steps_done(i));
      steps = std::min(steps, (*second)->steps_done(i));
    }
    EXPECT_EQ(FinishOn(*other_, **second), expected)
        << request.sampler << " after " << ::testing::PrintToString(calls);
    return steps;
  }

  static ImageRequest Hires(const std::string& upscaler) {
    ImageRequest request = Request("a red apple", 3);
    const naming::HiresSize size = naming::ScaledBy(request.width, request.height, 1.5);
    request.hires = {.upscaler = upscaler,
                     .scaled = {.width = size.scaled_width, .height = size.scaled_height},
                     .size = {.width = size.width, .height = size.height},
                     .strength = 0.6,
                     .steps = 4,
                     .sampler = "DPM++ 2M SDE",
                     .schedule = "Karras",
                     .prompt = "a [red:green:6] apple",
                     .guidance_scale = 4};
    return request;
  }

  static inline Backend* other_ = nullptr;
};

TEST_F(SavedStepsTest, EverySamplersPictureIsTheSame) {
  const auto ask = [](const std::string& sampler) {
    ImageRequest request = Request("a [red:green:2] apple AND a house", 7);
    request.sampler = sampler;
    request.schedule = "Automatic";
    request.width = 32;
    request.height = 32;
    return request;
  };
  const auto whole = StartEverySampler(ask);
  FinishAll(whole);
  const auto first = StartEverySampler(ask);
  std::vector<std::unique_ptr<Generation>> second;
  for (std::size_t i = 0; i < first.size(); ++i) {
    for (std::size_t call = 0; call < 2 + i % 2; ++call) Advance(*backend_, *first[i], 0);
    const std::string saved = backend_->Save(*first[i], kNoBound).value();
    second.push_back(other_->Continue(ask(backend_->info().samplers[i]), saved).value());
    EXPECT_LE(second[i]->steps_done(0), first[i]->steps_done(0));
  }
  FinishAll(second, *other_);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(other_->Decode(*second[i], 0).value(), backend_->Decode(*whole[i], 0).value())
        << backend_->info().samplers[i];
  }
}

TEST_F(SavedStepsTest, ImagesOfARequestMayBeAtDifferentStepsOrDone) {
  ImageRequest request = Request("a red apple", 7);
  request.image_count = 4;
  EXPECT_EQ(ExpectTheSameAfter(request, {3, 1, 4, 2}), 1);
  EXPECT_EQ(ExpectTheSameAfter(request, {3, 0, 1, 1}), 0) << "one has not begun";
}

TEST_F(SavedStepsTest, ACallWithinAStepIsMadeAgain) {
  ImageRequest request = Request("a red apple", 7);
  request.sampler = "Heun";
  EXPECT_EQ(ExpectTheSameAfter(request, {4}), 2);
  EXPECT_EQ(ExpectTheSameAfter(request, {5}), 2);
}

TEST_F(SavedStepsTest, BothPassesOfAHiresFixCanBeGoneOnFrom) {
  const ImageRequest request = Hires("Latent");
  EXPECT_EQ(ExpectTheSameAfter(request, {3}), 3);
  EXPECT_EQ(ExpectTheSameAfter(request, {4}), 4) << "its second pass has not made a step";
  const std::unique_ptr<Generation> first = Start(request);
  for (int i = 0; i < 6; ++i) Advance(*backend_, *first, 0);
  const std::string saved = backend_->Save(*first, kNoBound).value();
  const std::unique_ptr<Generation> second = other_->Continue(request, saved).value();
  EXPECT_EQ(second->steps_done(0), 6);
  EXPECT_EQ(second->batch_key(0).latent_width, 12);
  const std::unique_ptr<Generation> whole = Start(request);
  EXPECT_EQ(FinishOn(*other_, *second), FinishOn(*backend_, *whole));
}

TEST_F(SavedStepsTest, APictureThatIsBeingEnlargedIsEnlargedAgain) {
  TestFile file("doubler.safetensors");
  file.Add("body.0.weight", {1, 3, 3, 3}, 0);
  file.Add("body.0.bias", {1}, 0);
  file.Add("body.1.weight", {1}, 0);
  file.Add("body.2.weight", {12, 1, 3, 3}, 0);
  file.Add("body.2.bias", {12}, 0);
  file.Open();
  for (Backend* backend : {backend_, other_}) {
    backend->SetAdapters({.upscalers = {{.name = "doubler", .path = file.path()}}});
  }
  const ImageRequest request = Hires("doubler");
  const std::unique_ptr<Generation> first = Start(request);
  for (int i = 0; i < 4; ++i) Advance(*backend_, *first, 0);
  ASSERT_GT(first->scaling_left(0), 0);
  const std::unique_ptr<Generation> second =
      other_->Continue(request, backend_->Save(*first, kNoBound).value()).value();
  EXPECT_EQ(second->steps_done(0), 4);
  EXPECT_EQ(second->scaling_left(0), first->scaling_left(0));
  EXPECT_EQ(FinishOn(*other_, *second), FinishOn(*backend_, *first));
}

TEST_F(SavedStepsTest, WhatAMaskKeepsIsKept) {
  ImageRequest request = Request("a green tree", 5);
  request.steps = 8;
  InitMask mask{.mask = {.width = 64, .height = 64, .pixels = {}},
                .begins_with = MaskedLatent::kNoise};
  for (int i = 0; i < 64 * 64; ++i) mask.mask.pixels.push_back(i % 64 < 32 ? 0 : 200);
  for (const bool soft : {false, true}) {
    if (soft) mask.soft = SoftInpainting();
    request.init = {.picture = Paint(Request("a red apple", 11)), .strength = 0.7, .mask = mask};
    for (const char* sampler : {"Euler a", "DDIM"}) {
      request.sampler = sampler;
      EXPECT_GT(ExpectTheSameAfter(request, {3}), 0);
    }
  }
}

TEST_F(SavedStepsTest, WhatIsOfAnotherRequestIsRefused) {
  const ImageRequest request = Request("a red apple", 7);
  const std::unique_ptr<Generation> generation = Start(request);
  for (int i = 0; i < 3; ++i) Advance(*backend_, *generation, 0);
  const std::string saved = backend_->Save(*generation, kNoBound).value();
  const auto refused = [&saved](const ImageRequest& other) {
    return absl::IsDataLoss(other_->Continue(other, saved).status());
  };
  ImageRequest other = request;
  other.width = 96;
  EXPECT_TRUE(refused(other)) << "another size";
  other = request;
  other.image_count = 2;
  EXPECT_TRUE(refused(other)) << "another number of images";
  other = request;
  other.steps = 2;
  EXPECT_TRUE(refused(other)) << "fewer steps";
  other = request;
  other.sampler = "Euler";
  EXPECT_TRUE(refused(other)) << "another sampler";
  EXPECT_TRUE(absl::IsDataLoss(other_->Continue(request, "").status()));
  EXPECT_TRUE(absl::IsDataLoss(other_->Continue(request, std::string(1000, 'x')).status()));
}

TEST_F(SavedStepsTest, IsAsLargeAsWhatTheSamplerCarries) {
  ImageRequest request = Request("a red apple", 7);
  request.steps = 20;
  request.sampler = "LMS";
  const std::unique_ptr<Generation> generation = Start(request);
  for (int i = 0; i < 15; ++i) Advance(*backend_, *generation, 0);
  constexpr std::size_t kLatent = 4 * 8 * 8 * sizeof(float);
  const std::size_t size = backend_->Save(*generation, kNoBound)->size();
  EXPECT_GE(size, 4 * kLatent);
  EXPECT_LT(size, 5 * kLatent);
  EXPECT_TRUE(absl::IsResourceExhausted(backend_->Save(*generation, size - 1).status()));
}

}  // namespace
}  // namespace darkroom::diffusion
