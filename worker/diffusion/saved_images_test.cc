#include "worker/diffusion/saved_images.h"

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/arange.h"
#include "ATen/ops/equal.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

constexpr char kMaker[] = "cpu float";
constexpr std::size_t kNoLimit = 1 << 20;

at::Tensor Latent(double first) { return at::arange(24, at::kFloat).view({1, 4, 2, 3}) + first; }

std::vector<SavedImage> TwoImages() {
  return {{.pass = 0,
           .calls = 9,
           .sampler = {.rounds = 4,
                       .steps_done = 5,
                       .draws = 3,
                       .tensors = {Latent(0), at::Tensor(), Latent(7)},
                       .numbers = {0.1, -2}}},
          {.pass = 1,
           .calls = 1,
           .sampler = {.rounds = 1, .steps_done = 1, .draws = 0, .tensors = {Latent(1)}}}};
}

TEST(SavedImagesTest, AreReadAsTheyWereWritten) {
  const std::vector<SavedImage> images = TwoImages();
  const std::vector<SavedImage> read =
      DecodeImages(EncodeImages(images, kMaker, kNoLimit).value(), kMaker).value();
  ASSERT_EQ(read.size(), images.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    EXPECT_EQ(read[i].pass, images[i].pass);
    EXPECT_EQ(read[i].calls, images[i].calls);
    EXPECT_EQ(read[i].sampler.rounds, images[i].sampler.rounds);
    EXPECT_EQ(read[i].sampler.steps_done, images[i].sampler.steps_done);
    EXPECT_EQ(read[i].sampler.draws, images[i].sampler.draws);
    EXPECT_EQ(read[i].sampler.numbers, images[i].sampler.numbers);
    ASSERT_EQ(read[i].sampler.tensors.size(), images[i].sampler.tensors.size());
    for (std::size_t k = 0; k < images[i].sampler.tensors.size(); ++k) {
      const at::Tensor& wanted = images[i].sampler.tensors[k];
      ASSERT_EQ(read[i].sampler.tensors[k].defined(), wanted.defined()) << k;
      if (wanted.defined()) {
        EXPECT_TRUE(at::equal(read[i].sampler.tensors[k], wanted)) << k;
      }
    }
  }
}

TEST(SavedImagesTest, AnImageThatHasNotGotAnywhereHasNoLatent) {
  const std::string bytes = EncodeImages({SavedImage()}, kMaker, kNoLimit).value();
  EXPECT_TRUE(DecodeImages(bytes, kMaker).value().at(0).sampler.tensors.empty());
}

TEST(SavedImagesTest, TheLimitIsOnAllOfThem) {
  const std::size_t size = EncodeImages(TwoImages(), kMaker, kNoLimit)->size();
  EXPECT_TRUE(EncodeImages(TwoImages(), kMaker, size).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(EncodeImages(TwoImages(), kMaker, size - 1).status()));
}

TEST(SavedImagesTest, ThoseOfAnotherKindOfDeviceAreRefused) {
  const std::string bytes = EncodeImages(TwoImages(), "cuda half", kNoLimit).value();
  EXPECT_TRUE(absl::IsDataLoss(DecodeImages(bytes, kMaker).status()));
}

TEST(SavedImagesTest, ACutOrLongerOneIsRefused) {
  const std::string bytes = EncodeImages(TwoImages(), kMaker, kNoLimit).value();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(absl::IsDataLoss(DecodeImages(bytes.substr(0, size), kMaker).status())) << size;
  }
  EXPECT_TRUE(absl::IsDataLoss(DecodeImages(bytes + "x", kMaker).status()));
}

TEST(SavedImagesTest, WhateverTheBytesSayItEndsInAnAnswer) {
  const std::string bytes = EncodeImages(TwoImages(), kMaker, kNoLimit).value();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int value : {0x00, 0x7F, 0x80, 0xFF}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(value);
      const absl::Status status = DecodeImages(changed, kMaker).status();
      EXPECT_TRUE(status.ok() || absl::IsDataLoss(status)) << i << ": " << status;
    }
  }
}

TEST(SavedImagesTest, ValuesThatAreNotFiniteAreRefused) {
  std::vector<SavedImage> images = TwoImages();
  images[0].sampler.numbers[0] = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(absl::IsDataLoss(
      DecodeImages(EncodeImages(images, kMaker, kNoLimit).value(), kMaker).status()));
  images = TwoImages();
  images[1].sampler.tensors[0] = Latent(std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(absl::IsDataLoss(
      DecodeImages(EncodeImages(images, kMaker, kNoLimit).value(), kMaker).status()));
}

TEST(SavedImagesTest, ASecondPassWithoutALatentIsRefused) {
  const std::string bytes = EncodeImages({SavedImage{.pass = 1}}, kMaker, kNoLimit).value();
  EXPECT_TRUE(absl::IsDataLoss(DecodeImages(bytes, kMaker).status()));
}

}  // namespace
}  // namespace darkroom::diffusion
