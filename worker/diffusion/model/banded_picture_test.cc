#include "worker/diffusion/model/banded_picture.h"

#include <memory>
#include <string>
#include <utility>

#include "ATen/CPUGeneratorImpl.h"
#include "ATen/TensorOperators.h"
#include "ATen/ops/constant_pad_nd.h"
#include "ATen/ops/empty.h"
#include "ATen/ops/equal.h"
#include "ATen/ops/upsample_nearest2d.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/ops/cpu_ops.h"
#include "worker/diffusion/ops/padding_mode.h"
#include "worker/diffusion/ops/tensor_memory.h"

namespace darkroom::diffusion {
namespace {

at::Tensor Noise(at::IntArrayRef shape, std::uint64_t seed) {
  return at::empty(shape, at::kFloat).normal_(0, 1, at::detail::createCPUGenerator(seed));
}

at::Tensor Picture(at::IntArrayRef shape) {
  return Noise(shape, 1).contiguous(at::MemoryFormat::ChannelsLast);
}

double Worst(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

class BandedPictureTest : public testing::Test {
 protected:
  std::unique_ptr<const Convolution> Kernel(int stride, int padding) {
    return ops_.Prepare(ConvolutionWeights{
        .weight = Noise({8, 8, 3, 3}, 2), .bias = {}, .stride = stride, .padding = padding});
  }

  const c10::InferenceMode inference_;
  const CpuOps ops_;
};

TEST_F(BandedPictureTest, OperationsThatLookAtNeighboursSeeThemAcrossBands) {
  const auto plain = Kernel(1, 1), halving = Kernel(2, 0);
  const auto smooth = [&](const at::Tensor& x) { return plain->Forward(x); };
  const auto larger = [&](const at::Tensor& x) {
    return plain->Forward(at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)}));
  };
  const auto smaller = [&](const at::Tensor& x) {
    return halving->Forward(at::constant_pad_nd(x, {0, 1, 0, 1}));
  };
  for (const int height : {2, 4, 10, 22}) {
    const at::Tensor whole = Picture({2, 8, height, 6});
    BandedPicture picture(whole, 4);
    EXPECT_TRUE(at::equal(picture.Whole(), whole));
    picture.Apply(smooth);
    EXPECT_LT(Worst(picture.Whole(), smooth(whole)), 1e-4) << height;
    picture.Apply(larger);
    EXPECT_LT(Worst(picture.Whole(), larger(smooth(whole))), 1e-2) << height;
    BandedPicture other(whole, 4);
    other.Apply(smaller);
    EXPECT_LT(Worst(other.Whole(), smaller(whole)), 1e-4) << height;
  }
}

TEST_F(BandedPictureTest, CircularOperationsSeeTheOppositeBands) {
  const PaddingModeScope circular(PaddingMode::kCircular);
  const auto plain = Kernel(1, 1), halving = Kernel(2, 1);
  const auto twice = [&](const at::Tensor& x) { return plain->Forward(plain->Forward(x)); };
  const auto smaller = [&](const at::Tensor& x) { return halving->Forward(x); };
  for (const int height : {2, 4, 10, 22}) {
    const at::Tensor whole = Picture({2, 8, height, 6});
    BandedPicture picture(whole, 4);
    GroupSums expected;
    ops_.AddTo(&expected, twice(whole), 2);
    EXPECT_LT(Worst(picture.Sum(ops_, 2, twice).sum, expected.sum), 1e-2) << height;
    picture.Apply(twice);
    EXPECT_LT(Worst(picture.Whole(), twice(whole)), 1e-2) << height;
    BandedPicture other(whole, 4);
    other.Apply(smaller);
    EXPECT_LT(Worst(other.Whole(), smaller(whole)), 1e-4) << height;
  }
}

TEST_F(BandedPictureTest, SumsAreOfEveryPixelOnce) {
  const at::Tensor whole = Picture({2, 8, 22, 6});
  GroupSums expected;
  ops_.AddTo(&expected, whole, 2);
  const GroupSums sums =
      BandedPicture(whole, 4).Sum(ops_, 2, [](const at::Tensor& rows) { return rows; });
  EXPECT_EQ(sums.count, 4 * 22 * 6);
  EXPECT_LT(Worst(sums.sum, expected.sum), 1e-4);
  EXPECT_LT(Worst(sums.squares, expected.squares), 1e-4);
}

struct BandedCase {
  std::string model;
  PaddingMode padding = PaddingMode::kZeros;
};

// A model twice: as large pictures are computed, and as others.
class BandedVaeTest : public testing::TestWithParam<BandedCase> {
 protected:
  void SetUp() override {
    auto whole = DiffusionModel::Load(GetParam().model, {.vae_whole_pixels = 1 << 30});
    auto banded = DiffusionModel::Load(GetParam().model, {.vae_whole_pixels = 0});
    ASSERT_TRUE(whole.ok() && banded.ok()) << whole.status() << banded.status();
    whole_ = *std::move(whole);
    banded_ = *std::move(banded);
  }

  const c10::InferenceMode inference_;
  const PaddingModeScope padding_{GetParam().padding};
  std::unique_ptr<DiffusionModel> whole_;
  std::unique_ptr<DiffusionModel> banded_;
};

// 1e-5 is far below what shows in a byte, a 127th.
TEST_P(BandedVaeTest, ThePictureIsThatOfTheWhole) {
  const int scale = whole_->config().vae.scale();
  const std::int64_t width = 1600 / scale;
  const std::int64_t several = 2 * LatentRowsOfBand(width, scale) + 1;
  for (const auto& [height, columns] :
       {std::pair{several, width}, {std::int64_t{5}, std::int64_t{7}}}) {
    const at::Tensor latents = Noise({1, 4, height, columns}, 3);
    const at::Tensor expected = whole_->vae().Decode(latents);
    const at::Tensor banded = banded_->vae().Decode(latents);
    ASSERT_EQ(banded.sizes(), expected.sizes());
    EXPECT_LT(Worst(banded, expected), 1e-5) << height << " x " << columns;
    const at::Tensor mean = whole_->vae().Encode(expected).mean;
    EXPECT_LT(Worst(banded_->vae().Encode(expected).mean, mean),
              1e-5 * mean.abs().max().item<double>())
        << height << " x " << columns;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, BandedVaeTest,
    testing::Values(BandedCase{"models/demo"}, BandedCase{"tests/golden/tiny_model"},
                    BandedCase{"tests/golden/tiny_model", PaddingMode::kCircular}));

TEST(BandedVaeMemoryTest, ItGrowsByASmallPartOfThePicture) {
  const c10::InferenceMode inference;
  const auto growth = [](std::int64_t whole_pixels) {
    const auto model =
        DiffusionModel::Load("models/demo", {.vae_whole_pixels = whole_pixels}).value();
    const auto peak = [&model](int height) {
      const at::Tensor latents = Noise({1, 4, height / 8, 512 / 8}, 3);
      const TensorMemory memory;
      model->vae().Decode(latents);
      return memory.peak();
    };
    return static_cast<double>(peak(1024) - peak(512));
  };
  EXPECT_LT(growth(0), 0.4 * growth(1 << 30));
}

}  // namespace
}  // namespace darkroom::diffusion
