// Pictures of which a part is made anew.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/demo_backend.h"
#include "worker/diffusion/weights/model_folder.h"

namespace darkroom::diffusion {
namespace {

constexpr int kSide = 64;

// The right half is made anew.
InitMask RightHalf(MaskedLatent begins_with = MaskedLatent::kPicture) {
  InitMask mask{.mask = {.width = kSide, .height = kSide, .pixels = {}},
                .begins_with = begins_with};
  for (int i = 0; i < kSide * kSide; ++i) {
    mask.mask.pixels.push_back(i % kSide < kSide / 2 ? 0 : 255);
  }
  return mask;
}

RgbImage Plain(std::uint8_t value) {
  RgbImage image{.width = kSide, .height = kSide, .pixels = {}};
  image.pixels.assign(std::size_t{3} * kSide * kSide, value);
  return image;
}

// The mean difference of columns [from, to).
double Distance(const RgbImage& a, const RgbImage& b, int from, int to) {
  double sum = 0;
  for (int y = 0; y < kSide; ++y) {
    for (int i = 3 * from; i < 3 * to; ++i) {
      const std::size_t at = std::size_t{3} * y * kSide + i;
      sum += std::abs(int{a.pixels[at]} - int{b.pixels[at]});
    }
  }
  return sum / (3.0 * kSide * (to - from));
}

class InpaintingTest : public DemoBackendTest {
 protected:
  static ImageRequest Inpaint(const RgbImage& start, double strength = 1) {
    ImageRequest request = Request("a green tree", 5);
    request.steps = 8;
    request.init = {.picture = start, .strength = strength, .mask = RightHalf()};
    return request;
  }
};

// Columns of a picture as bytes, row after row.
std::vector<std::uint8_t> LeftColumns(const RgbImage& image, int columns) {
  std::vector<std::uint8_t> bytes;
  for (int y = 0; y < image.height; ++y) {
    const auto row = image.pixels.begin() + std::ptrdiff_t{3} * y * image.width;
    bytes.insert(bytes.end(), row, row + std::ptrdiff_t{3} * columns);
  }
  return bytes;
}

// A preview is a linear picture of the latent, whose unmasked half is the original's exactly; the
// decoder lets each half see the other.
TEST_F(InpaintingTest, EverySamplerKeepsWhatIsNotMaskedAndMakesTheRestAnew) {
  const RgbImage start = Paint(Request("a red apple on a blue background", 11));
  const auto generations = StartEverySampler([&start](const std::string& sampler) {
    ImageRequest request = Inpaint(start);
    request.sampler = sampler;
    request.schedule = "Automatic";
    return request;
  });
  FinishAll(generations);
  std::vector<std::uint8_t> kept;
  for (std::size_t i = 0; i < generations.size(); ++i) {
    const std::string& sampler = backend_->info().samplers[i];
    const RgbImage preview = backend_->Preview(*generations[i], 0).value();
    const std::vector<std::uint8_t> left = LeftColumns(preview, preview.width / 2 - 4);
    if (kept.empty()) kept = left;
    EXPECT_EQ(left, kept) << sampler;
    const RgbImage made = backend_->Decode(*generations[i], 0).value();
    EXPECT_GT(Distance(made, start, kSide / 2 + 16, kSide), 20) << sampler;
  }
}

TEST_F(InpaintingTest, TheLatentBelowTheMaskIsTheRequestsChoice) {
  const RgbImage start = Plain(200);
  ImageRequest request = Inpaint(start, 0.5);
  std::vector<RgbImage> made = {Paint(request)};
  for (const MaskedLatent begins_with : {MaskedLatent::kNoise, MaskedLatent::kZero}) {
    request.init->mask = RightHalf(begins_with);
    made.push_back(Paint(request));
  }
  for (std::size_t i = 1; i < made.size(); ++i) {
    EXPECT_LT(Distance(made[0], made[i], 0, kSide / 2 - 16), 3) << i;
    EXPECT_GT(Distance(made[0], made[i], kSide / 2 + 16, kSide), 3) << i;
  }
  EXPECT_NE(made[1], made[2]);
}

TEST_F(InpaintingTest, LatentNoiseIsOfEachImagesOwnSeed) {
  ImageRequest two = Inpaint(Plain(100), 0.5);
  two.init->mask = RightHalf(MaskedLatent::kNoise);
  two.image_count = 2;
  const std::unique_ptr<Generation> generation = Start(two);
  Finish({generation.get()});
  ImageRequest second = two;
  second.seed = two.seed + 1;
  second.image_count = 1;
  EXPECT_EQ(backend_->Decode(*generation, 1).value(), Paint(second));
}

TEST_F(InpaintingTest, APictureIsTheSameAloneAndBesideOthersWithAndWithoutMasks) {
  const RgbImage start = Plain(150);
  std::vector<ImageRequest> requests = {Inpaint(start), Inpaint(start, 0.4), Request("a dog", 3),
                                        Inpaint(start)};
  requests[0].sampler = "DDIM";
  requests[1].init->mask = RightHalf(MaskedLatent::kNoise);
  requests[1].sampler = "Euler a";
  requests[3].init->mask = std::nullopt;
  std::vector<std::unique_ptr<Generation>> generations;
  std::vector<Generation*> all;
  for (const ImageRequest& request : requests) {
    generations.push_back(Start(request));
    all.push_back(generations.back().get());
  }
  Finish(all);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(backend_->Decode(*generations[i], 0).value(), Paint(requests[i])) << i;
  }
}

TEST_F(InpaintingTest, SoftInpaintingTellsWhatHasChanged) {
  ImageRequest request = Inpaint(Plain(150));
  const std::unique_ptr<Generation> hard = Start(request);
  Finish({hard.get()});
  EXPECT_FALSE(hard->Changed(0).has_value());

  request.init->mask->soft = SoftInpainting{.difference_threshold = 0.1};
  const std::unique_ptr<Generation> soft = Start(request);
  Finish({soft.get()});
  const std::optional<GreyImage> changed = soft->Changed(0);
  ASSERT_TRUE(changed.has_value());
  ASSERT_EQ(changed->width, kSide / 8);
  ASSERT_EQ(changed->height, kSide / 8);
  const auto middle = changed->pixels.begin() + changed->height / 2 * changed->width;
  EXPECT_LT(middle[0], 16) << "black keeps what is there";
  EXPECT_GT(middle[changed->width - 1], 128) << "white does not";
}

TEST_F(InpaintingTest, APreviewShowsWhatIsKept) {
  const RgbImage start = Paint(Request("a red apple on a blue background", 11));
  for (const std::string sampler : {"Euler", "DDIM"}) {
    ImageRequest request = Inpaint(start);
    request.sampler = sampler;
    const auto generation = Start(request);
    const RgbImage before = backend_->Preview(*generation, 0).value();
    ASSERT_TRUE(backend_->Step({{generation.get(), 0}}).ok());
    const RgbImage after = backend_->Preview(*generation, 0).value();
    for (int x = 0; x < before.width / 4; ++x) {
      EXPECT_EQ(before.pixels[std::size_t{3} * x], after.pixels[std::size_t{3} * x]) << sampler;
    }
    EXPECT_NE(before, after) << sampler;
  }
}

// Models with random weights of the tiny model's layout, whose UNet takes so many channels.
std::unique_ptr<Backend> WithChannels(int channels) {
  ModelConfig config = ReadModelConfig("tests/golden/tiny_model").value();
  config.unet.in_channels = channels;
  return RandomTorchBackend(config, {.threads = 1}).value();
}

ImageRequest Small(double strength = 1) {
  ImageRequest request = Request("make it winter", 5);
  request.width = 32;
  request.height = 32;
  request.init = {.picture = {.width = 32, .height = 32, .pixels = {}}, .strength = strength};
  for (int i = 0; i < 32 * 32; ++i) {
    request.init->picture.pixels.insert(request.init->picture.pixels.end(),
                                        {static_cast<std::uint8_t>(i), 90, 200});
  }
  return request;
}

RgbImage PaintWith(Backend& backend, const std::vector<ImageRequest>& requests) {
  std::vector<std::unique_ptr<Generation>> generations;
  for (const ImageRequest& request : requests) {
    generations.push_back(backend.Start(request).value());
  }
  while (!generations[0]->done(0)) {
    std::vector<Row> rows;
    for (const auto& generation : generations) {
      if (!generation->done(0)) rows.push_back({.generation = generation.get(), .image = 0});
    }
    EXPECT_THAT(backend.Step(rows).value(), ::testing::Each(absl::OkStatus()));
  }
  return backend.Decode(*generations[0], 0).value();
}

TEST(InpaintingModelTest, PicturesAreMadeOfTextsOfPicturesAndOfMasks) {
  const auto backend = WithChannels(9);
  EXPECT_EQ(backend->info().task, ModelTask::kInpainting);
  ImageRequest masked = Small();
  masked.init->mask = {
      .mask = {.width = 32, .height = 32, .pixels = std::vector<std::uint8_t>(32 * 32, 255)}};
  for (int i = 0; i < 32 * 16; ++i) masked.init->mask->mask.pixels[i] = 0;
  ImageRequest text = Small();
  text.init = std::nullopt;
  const std::vector<RgbImage> made = {PaintWith(*backend, {text}), PaintWith(*backend, {Small()}),
                                      PaintWith(*backend, {masked})};
  EXPECT_NE(made[0], made[1]);
  EXPECT_NE(made[1], made[2]);
  EXPECT_EQ(PaintWith(*backend, {masked, text, Small()}), made[2]);
}

TEST(InstructionModelTest, ItNeedsAPictureAndFollowsItAsItIsTold) {
  const auto backend = WithChannels(8);
  EXPECT_EQ(backend->info().task, ModelTask::kInstruction);
  ImageRequest request = Small();
  const auto rows = [&] { return backend->Start(request).value()->rows_per_call(0); };
  const RgbImage plain = PaintWith(*backend, {request});
  EXPECT_EQ(rows(), 2);
  request.init->guidance_scale = 1.5;
  EXPECT_EQ(rows(), 3);
  EXPECT_NE(PaintWith(*backend, {request}), plain);
  request.guidance_scale = 1;
  EXPECT_EQ(rows(), 3);
  EXPECT_EQ(PaintWith(*backend, {request, Small(0.5)}), PaintWith(*backend, {request}));

  ImageRequest parts = request;
  parts.prompt = "make it winter AND at night";
  EXPECT_THAT(std::string(backend->Start(parts).status().message()), ::testing::HasSubstr("AND"));
  ImageRequest text = request;
  text.init = std::nullopt;
  const absl::Status status = backend->Start(text).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("init_image"));
}

}  // namespace
}  // namespace darkroom::diffusion
