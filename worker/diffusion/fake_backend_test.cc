#include "worker/diffusion/fake_backend.h"

#include <memory>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using ::testing::ElementsAre;

ImageRequest Request(std::string prompt, std::int64_t seed) {
  ImageRequest request;
  request.prompt = std::move(prompt);
  request.seed = seed;
  request.width = 32;
  request.height = 16;
  request.steps = 2;
  request.sampler = "Euler";
  request.schedule = "Automatic";
  return request;
}

RgbImage Paint(FakeBackend& backend, const ImageRequest& request) {
  std::unique_ptr<Generation> generation = backend.Start(request).value();
  const std::vector<Row> rows = {{.generation = generation.get(), .image = 0}};
  while (!generation->done(0)) {
    EXPECT_THAT(backend.Step(rows).value(), ElementsAre(absl::OkStatus()));
  }
  return backend.Decode(*generation, 0).value();
}

TEST(FakeBackendTest, APictureDependsOnPromptAndSeedAlone) {
  FakeBackend one({});
  FakeBackend other({});
  const RgbImage picture = Paint(one, Request("apple", 1));
  EXPECT_EQ(picture.width, 32);
  EXPECT_EQ(picture.height, 16);
  EXPECT_EQ(picture.pixels.size(), 32u * 16 * 3);
  EXPECT_EQ(picture, Paint(other, Request("apple", 1)));
  EXPECT_NE(picture, Paint(one, Request("apple", 2)));
  EXPECT_NE(picture, Paint(one, Request("pear", 1)));
}

TEST(FakeBackendTest, GoesOnFromASavedStepOfTheSameRequest) {
  FakeBackend backend({});
  ImageRequest request = Request("apple", 1);
  request.steps = 5;
  request.image_count = 2;
  const std::unique_ptr<Generation> first = backend.Start(request).value();
  ASSERT_TRUE(backend.Step({{first.get(), 0}, {first.get(), 1}}).ok());
  ASSERT_TRUE(backend.Step({{first.get(), 1}}).ok());
  const std::string saved = backend.Save(*first, 100).value();
  EXPECT_TRUE(absl::IsResourceExhausted(backend.Save(*first, saved.size() - 1).status()));
  const std::unique_ptr<Generation> second = backend.Continue(request, saved).value();
  EXPECT_EQ(second->steps_done(0), 1);
  EXPECT_EQ(second->steps_done(1), 2);
  for (const char* bad : {"", "1", "1 6", "1 -1", "1 2 3", "x y"}) {
    EXPECT_TRUE(absl::IsDataLoss(backend.Continue(request, bad).status())) << bad;
  }
}

TEST(FakeBackendTest, APictureToBeginWithShinesThroughAndSavesSteps) {
  FakeBackend backend({});
  ImageRequest request = Request("apple", 1);
  request.steps = 10;
  const RgbImage without = Paint(backend, request);
  RgbImage start = without;
  start.pixels.assign(start.pixels.size(), 200);
  request.init = {.picture = start, .strength = 0.5};
  EXPECT_EQ(backend.Start(request).value()->steps(), 6);
  const RgbImage picture = Paint(backend, request);
  EXPECT_EQ(picture.pixels[0], (without.pixels[0] + 200) / 2);
}

TEST(FakeBackendTest, AStepTakesTheTimeOfItsRowsAndIsRecorded) {
  std::vector<absl::Duration> slept;
  FakeBackend backend({.time_per_forward = absl::Milliseconds(10),
                       .time_per_row = absl::Milliseconds(3),
                       .sleep = [&](absl::Duration duration) { slept.push_back(duration); }});
  auto apple = backend.Start(Request("apple", 1)).value();
  auto pear = backend.Start(Request("pear", 7)).value();
  slept.clear();
  ASSERT_TRUE(backend.Step({{apple.get(), 0}}).ok());
  ASSERT_TRUE(backend.Step({{apple.get(), 0}, {pear.get(), 0}}).ok());
  EXPECT_THAT(slept, ElementsAre(absl::Milliseconds(13), absl::Milliseconds(16)));
  EXPECT_THAT(backend.batches(),
              ElementsAre(ElementsAre(FakeRow{"apple", 1, 0}),
                          ElementsAre(FakeRow{"apple", 1, 1}, FakeRow{"pear", 7, 0})));
  EXPECT_TRUE(apple->done(0));
  EXPECT_EQ(pear->steps_done(0), 1);
}

TEST(FakeBackendTest, APoisonedRowFailsAlone) {
  FakeBackend backend({.nan_word = "poison"});
  auto good = backend.Start(Request("apple", 1)).value();
  auto bad = backend.Start(Request("a poison apple", 1)).value();
  const std::vector<Row> rows = {{good.get(), 0}, {bad.get(), 0}};
  EXPECT_THAT(backend.Step(rows).value(), ElementsAre(absl::OkStatus(), absl::OkStatus()));
  const std::vector<absl::Status> statuses = backend.Step(rows).value();
  EXPECT_TRUE(statuses[0].ok());
  EXPECT_TRUE(absl::IsInternal(statuses[1]));
  EXPECT_TRUE(good->done(0));
  EXPECT_EQ(bad->steps_done(0), 1);
}

TEST(FakeBackendTest, OutOfMemoryMovesNoRow) {
  FakeBackend backend({.memory_rows = 1});
  auto apple = backend.Start(Request("apple", 1)).value();
  auto pear = backend.Start(Request("pear", 2)).value();
  EXPECT_TRUE(
      absl::IsResourceExhausted(backend.Step({{apple.get(), 0}, {pear.get(), 0}}).status()));
  EXPECT_EQ(apple->steps_done(0), 0);
  EXPECT_TRUE(backend.Step({{pear.get(), 0}}).ok());
}

TEST(FakeBackendTest, RequestsAndRowsOutsideTheContractAreRefused) {
  FakeBackend backend({.max_rows = 2});
  ImageRequest odd = Request("apple", 1);
  odd.width = 30;
  EXPECT_TRUE(absl::IsInvalidArgument(backend.Start(odd).status()));
  odd = Request("apple", 1);
  odd.sampler = "Heun";
  EXPECT_TRUE(absl::IsInvalidArgument(backend.Start(odd).status()));
  odd = Request("apple", 1);
  odd.steps = 0;
  EXPECT_TRUE(absl::IsInvalidArgument(backend.Start(odd).status()));

  auto apple = backend.Start(Request("apple", 1)).value();
  ImageRequest tall = Request("apple", 1);
  tall.height = 32;
  auto other_shape = backend.Start(tall).value();
  EXPECT_TRUE(absl::IsFailedPrecondition(backend.Step({}).status()));
  EXPECT_TRUE(
      absl::IsFailedPrecondition(backend.Step({{apple.get(), 0}, {apple.get(), 0}}).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      backend.Step({{apple.get(), 0}, {other_shape.get(), 0}}).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(backend.Step({{apple.get(), 1}}).status()));
}

}  // namespace
}  // namespace darkroom::diffusion
