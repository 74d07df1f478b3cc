// Compares soft inpainting, in latents and in pixels, with AUTOMATIC1111's;
// make_soft_inpainting_goldens.py makes the data.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/tensor.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "gtest/gtest.h"
#include "picture/decode.h"
#include "picture/inpainting.h"
#include "tests/golden/golden_values.h"
#include "worker/diffusion/guidance/soft_inpainting.h"

namespace darkroom::diffusion {
namespace {

constexpr int kWidth = 64;
constexpr int kHeight = 48;
constexpr std::int64_t kLatentWidth = 8;
constexpr std::int64_t kLatentHeight = 6;

struct Case {
  const char* name;
  SoftInpainting options;
  std::optional<picture::Region> region = {};
};

const Case kCases[] = {
    {"default", {}},
    {"mask", {2, 1, 1, 1, 1, 4}},
    {"both", {0.5, 4, 32, 0.4, 2.25, 1.5}},
    {"nothing", {0, 0, 8, 0, 0, 0}},
    {"region", {1, 0.5, 4, 0.2, 0.5, 2}, picture::Region{7, 5, 47, 35}},
};

class SoftInpaintingGoldenTest : public ::testing::Test {
 protected:
  at::Tensor Golden(const std::string& name, std::int64_t channels) const {
    return at::tensor(goldens_.Floats(name)).view({1, channels, kLatentHeight, kLatentWidth});
  }

  const GoldenValues goldens_{"tests/golden/soft_inpainting/soft_inpainting.safetensors"};
  const at::Tensor original_ = Golden("original", 4);
  const at::Tensor made_ = Golden("made", 4);
  const at::Tensor renewed_ = Golden("renewed", 1);
};

TEST_F(SoftInpaintingGoldenTest, LatentsAreBlendedAsInTheWebui) {
  constexpr std::pair<const char*, double> kLevels[] = {
      {"14.6", 14.6}, {"1.0", 1.0}, {"0.03", 0.03}};
  for (const Case& test : kCases) {
    for (const auto& [label, level] : kLevels) {
      const std::string name = absl::StrCat(test.name, "/blend/", label);
      const at::Tensor share = MadeShare(test.options, renewed_, level);
      const at::Tensor blend = BlendLatents(test.options, original_, made_, share);
      const at::Tensor expected = Golden(name, 4);
      const double error = ((blend - expected).abs().max() / expected.abs().max()).item<double>();
      EXPECT_LT(error, 1e-6) << name;
    }
  }
}

TEST_F(SoftInpaintingGoldenTest, WhatHasChangedIsAsInTheWebui) {
  for (const Case& test : kCases) {
    const GreyImage changed = ChangedMask(test.options, original_, made_, renewed_);
    EXPECT_EQ(changed.width, kLatentWidth);
    EXPECT_EQ(changed.pixels, goldens_.Bytes(absl::StrCat(test.name, "/changed"))) << test.name;
  }
}

TEST_F(SoftInpaintingGoldenTest, WhatIsLaidOverTheResultIsAsInTheWebui) {
  const RgbImage picture =
      picture::DecodePicture(ReadFile("tests/golden/inpainting/picture.png", 1 << 20).value())
          .value();
  for (const Case& test : kCases) {
    const GreyImage everything{.width = picture.width,
                               .height = picture.height,
                               .pixels = std::vector<std::uint8_t>(picture.pixels.size() / 3, 255)};
    picture::MaskOptions options{.blur = 0, .soft = true};
    if (test.region.has_value()) options.padding = 0;
    picture::Overlay whole =
        picture::BeginInpainting(picture, everything, options, picture::ResizeMode::kStretch,
                                 kWidth, kHeight)
            ->overlay;
    whole.region = test.region.value_or(whole.region);
    const GreyImage changed{.width = kLatentWidth,
                            .height = kLatentHeight,
                            .pixels = goldens_.Bytes(absl::StrCat(test.name, "/changed"))};
    const picture::Overlay overlay = picture::SoftOverlay(whole, changed, kWidth, kHeight);
    EXPECT_EQ(overlay.picture.pixels, goldens_.Bytes(absl::StrCat(test.name, "/overlay")))
        << test.name;
  }
}

}  // namespace
}  // namespace darkroom::diffusion
