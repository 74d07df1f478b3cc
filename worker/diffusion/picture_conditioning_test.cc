#include "worker/diffusion/picture_conditioning.h"

#include <cstdint>
#include <memory>

#include "ATen/TensorOperators.h"
#include "ATen/ops/equal.h"
#include "ATen/ops/ones.h"
#include "ATen/ops/zeros.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "worker/diffusion/pixels.h"
#include "worker/diffusion/weights/model_folder.h"

namespace darkroom::diffusion {
namespace {

constexpr int kTinySide = 32;

class PictureConditioningTest : public ::testing::Test {
 protected:
  static std::unique_ptr<DiffusionModel> TinyModel(int channels) {
    ModelConfig config = ReadModelConfig("tests/golden/tiny_model").value();
    config.unet.in_channels = channels;
    return DiffusionModel::Random(config, 1, {}).value();
  }

  // Colours that differ from pixel to pixel; the lower half is masked.
  static ImageRequest HalfMasked() {
    ImageRequest request;
    request.width = kTinySide;
    request.height = kTinySide;
    InitPicture& init = request.init.emplace();
    init.picture = {.width = kTinySide, .height = kTinySide, .pixels = {}};
    init.mask = {.mask = {.width = kTinySide, .height = kTinySide, .pixels = {}}};
    for (int i = 0; i < kTinySide * kTinySide; ++i) {
      init.picture.pixels.insert(init.picture.pixels.end(),
                                 {static_cast<std::uint8_t>(i), 90, 200});
      init.mask->mask.pixels.push_back(i < kTinySide * kTinySide / 2 ? 127 : 128);
    }
    return request;
  }

  const c10::InferenceMode inference_;
};

TEST_F(PictureConditioningTest, AnInpaintingModelIsShownTheMaskAndThePictureWithoutWhatItCovers) {
  const auto model = TinyModel(9);
  const ImageRequest request = HalfMasked();
  const at::Tensor shown = PictureConditioning(*model, request).value();
  const std::int64_t side = shown.size(2);
  ASSERT_EQ(shown.size(1), 5);
  const at::Tensor mask = shown.narrow(1, 0, 1);
  EXPECT_TRUE(at::equal(mask.narrow(2, 0, side / 2), at::zeros({1, 1, side / 2, side})));
  EXPECT_TRUE(at::equal(mask.narrow(2, side / 2, side / 2), at::ones({1, 1, side / 2, side})));
  at::Tensor pixels = ToPixels(request.init->picture);
  pixels.narrow(2, kTinySide / 2, kTinySide / 2).zero_();
  EXPECT_TRUE(
      at::equal(shown.narrow(1, 1, 4), model->vae().ToUNetSpace(model->vae().Encode(pixels).mean)));
}

TEST_F(PictureConditioningTest, WithoutAMaskOrAPictureAllIsMaskedAndGrey) {
  const auto model = TinyModel(9);
  ImageRequest request = HalfMasked();
  request.init->mask = std::nullopt;
  const at::Tensor unmasked = PictureConditioning(*model, request).value();
  request.init = std::nullopt;
  const at::Tensor text_alone = PictureConditioning(*model, request).value();
  EXPECT_TRUE(at::equal(unmasked, text_alone));
  const at::Tensor grey = model->vae().Encode(at::zeros({1, 3, kTinySide, kTinySide})).mean;
  EXPECT_TRUE(at::equal(text_alone.narrow(1, 1, 4), model->vae().ToUNetSpace(grey)));
  EXPECT_EQ(text_alone.narrow(1, 0, 1).min().item<double>(), 1);
}

TEST_F(PictureConditioningTest, AnInstructedModelIsShownThePictureAsTheAutoencoderHasIt) {
  const auto model = TinyModel(8);
  const ImageRequest request = HalfMasked();
  EXPECT_TRUE(at::equal(PictureConditioning(*model, request).value(),
                        model->vae().Encode(ToPixels(request.init->picture)).mean));
}

TEST_F(PictureConditioningTest, APlainModelIsShownNothing) {
  EXPECT_FALSE(PictureConditioning(*TinyModel(4), HalfMasked())->defined());
}

}  // namespace
}  // namespace darkroom::diffusion
