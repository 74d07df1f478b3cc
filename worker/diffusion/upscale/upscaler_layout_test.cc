#include "worker/diffusion/upscale/upscaler_layout.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using Tensors = SafetensorsFile::Tensors;
using ::testing::HasSubstr;

void AddConvolution(const std::string& name, std::int64_t in, std::int64_t out, Tensors& tensors) {
  tensors[name + ".weight"].shape = {out, in, 3, 3};
  tensors[name + ".bias"].shape = {out};
}

Tensors Rrdb(const RrdbLayout& layout) {
  const RrdbNames names(layout);
  const std::int64_t features = layout.features;
  Tensors tensors;
  AddConvolution(names.first, 3 * layout.unshuffle * layout.unshuffle, features, tensors);
  for (int block = 0; block < layout.blocks; ++block) {
    for (int dense = 1; dense <= 3; ++dense) {
      for (int i = 1; i <= 5; ++i) {
        AddConvolution(names.Dense(block, dense, i), features + (i - 1) * layout.growth,
                       i == 5 ? features : layout.growth, tensors);
      }
    }
  }
  AddConvolution(names.trunk_end, features, features, tensors);
  for (int i = 1; i <= layout.doublings; ++i) {
    AddConvolution(names.Doubling(i), features, features, tensors);
  }
  AddConvolution(names.high, features, features, tensors);
  AddConvolution(names.last, features, 3, tensors);
  return tensors;
}

Tensors Compact(std::int64_t features, int convolutions, std::int64_t out) {
  Tensors tensors;
  for (int i = 0; i < convolutions + 2; ++i) {
    const bool last = i == convolutions + 1;
    AddConvolution(absl::StrCat("body.", 2 * i), i == 0 ? 3 : features, last ? out : features,
                   tensors);
    if (!last) tensors[absl::StrCat("body.", 2 * i + 1, ".weight")].shape = {features};
  }
  return tensors;
}

std::string RefusalOf(const Tensors& tensors) {
  const absl::Status status = FindUpscalerLayout(tensors).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

TEST(UpscalerLayoutTest, RrdbNetworksAreToldInEverySpelling) {
  for (const auto names :
       {RrdbLayout::Names::kEsrgan, RrdbLayout::Names::kBsrgan, RrdbLayout::Names::kBasicSr}) {
    for (int doublings = 0; doublings <= 3; ++doublings) {
      const RrdbLayout layout{
          .names = names, .features = 16, .growth = 8, .blocks = 6, .doublings = doublings};
      const UpscalerLayout found = FindUpscalerLayout(Rrdb(layout)).value();
      const RrdbLayout& rrdb = std::get<RrdbLayout>(found.network);
      EXPECT_EQ(rrdb.names, names);
      EXPECT_EQ(rrdb.features, 16);
      EXPECT_EQ(rrdb.growth, 8);
      EXPECT_EQ(rrdb.blocks, 6);
      EXPECT_EQ(rrdb.doublings, doublings);
      EXPECT_EQ(found.scale, 1 << doublings);
      EXPECT_EQ(found.architecture(), "ESRGAN");
    }
  }
}

TEST(UpscalerLayoutTest, TheUnshuffledNetworksOfRealEsrganScaleByLess) {
  for (const auto& [unshuffle, scale] : {std::pair{2, 2}, std::pair{4, 1}}) {
    const RrdbLayout layout{.names = RrdbLayout::Names::kBasicSr,
                            .features = 64,
                            .growth = 32,
                            .blocks = 23,
                            .doublings = 2,
                            .unshuffle = unshuffle};
    const UpscalerLayout found = FindUpscalerLayout(Rrdb(layout)).value();
    EXPECT_EQ(std::get<RrdbLayout>(found.network).unshuffle, unshuffle);
    EXPECT_EQ(found.scale, scale);
  }
}

// RealESRGAN_x4plus: 16,697,987 parameters, of which those behind the trunk run on more pixels.
TEST(UpscalerLayoutTest, OperationsAreThoseOfThePublishedNetworks) {
  const RrdbLayout x4plus{.names = RrdbLayout::Names::kBasicSr,
                          .features = 64,
                          .growth = 32,
                          .blocks = 23,
                          .doublings = 2};
  EXPECT_EQ(FindUpscalerLayout(Rrdb(x4plus)).value().operations_per_pixel, 17'926'848);
  EXPECT_EQ(FindUpscalerLayout(Compact(64, 32, 48)).value().operations_per_pixel,
            9 * (3 * 64 + 32 * 64 * 64 + 64 * 48));
}

TEST(UpscalerLayoutTest, CompactNetworksAreTold) {
  const UpscalerLayout found = FindUpscalerLayout(Compact(64, 16, 12)).value();
  EXPECT_EQ(std::get<CompactLayout>(found.network).convolutions, 16);
  EXPECT_EQ(std::get<CompactLayout>(found.network).features, 64);
  EXPECT_EQ(found.scale, 2);
  EXPECT_EQ(found.architecture(), "Real-ESRGAN compact");
}

TEST(UpscalerLayoutTest, WhatIsNoneIsRefusedByWhatItIs) {
  EXPECT_THAT(RefusalOf({}), HasSubstr("no upscaler that is supported"));
  const RrdbLayout layout{.features = 16, .growth = 8, .blocks = 2, .doublings = 2};
  Tensors tensors = Rrdb(layout);
  tensors["model.1.sub.0.RDB1.conv1x1.weight"].shape = {8, 16, 1, 1};
  EXPECT_THAT(RefusalOf(tensors), HasSubstr("ESRGAN+"));
  tensors = Rrdb(layout);
  AddConvolution("model.10", 16, 1, tensors);
  EXPECT_THAT(RefusalOf(tensors), HasSubstr("makes 1, which is no network for pictures"));
  tensors = Rrdb(layout);
  tensors["model.0.weight"].shape = {16, 3, 5, 5};
  EXPECT_THAT(RefusalOf(tensors), HasSubstr("'model.0.weight' is no 3 x 3 convolution"));
  tensors = Rrdb(layout);
  tensors.erase("model.10.bias");
  EXPECT_THAT(RefusalOf(tensors), HasSubstr("no 'model.10.weight' and '.bias'"));
  EXPECT_THAT(RefusalOf(Compact(64, 16, 13)), HasSubstr("makes 13"));
}

TEST(UpscalerLayoutTest, NetworksThatWouldTakeTooMuchMemoryAreRefused) {
  EXPECT_THAT(RefusalOf(Rrdb({.features = 65, .growth = 8, .blocks = 1, .doublings = 3})),
              HasSubstr("too wide"));
  EXPECT_THAT(RefusalOf(Rrdb({.features = 64, .growth = 512, .blocks = 1, .doublings = 1})),
              HasSubstr("too wide"));
  EXPECT_THAT(RefusalOf(Compact(2000, 1, 12)), HasSubstr("too wide"));
  EXPECT_THAT(RefusalOf(Rrdb({.features = 4, .growth = 2, .blocks = 257, .doublings = 1})),
              HasSubstr("too many blocks"));
}

}  // namespace
}  // namespace darkroom::diffusion
