#include "worker/engine/model_cache.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/fake_backend.h"

namespace darkroom::worker {
namespace {

using diffusion::Backend;
using diffusion::FakeBackend;
using diffusion::FakeModelInfo;
using diffusion::Generation;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ModelCacheTest : public testing::Test {
 protected:
  CachedModel Model(const std::string& id, std::int64_t bytes, bool pinned = false) {
    return {.id = id,
            .info = FakeModelInfo(),
            .tokenizer = absl::StrCat("tokenizer of ", id),
            .bytes = bytes,
            .pinned = pinned,
            .load = [this, id]() -> absl::StatusOr<std::unique_ptr<Backend>> {
              ++loads_[id];
              if (!failure_.ok()) return failure_;
              auto backend = std::make_unique<FakeBackend>(diffusion::FakeBackendOptions{});
              newest_ = backend.get();
              return backend;
            }};
  }

  std::unique_ptr<Backend> Serve(const std::string& id, std::int64_t bytes, bool pinned = false) {
    return cache_->Serve(Model(id, bytes, pinned)).value();
  }

  static diffusion::ImageRequest Request() {
    return {.prompt = "a cat",
            .negative_prompt = "",
            .width = 64,
            .height = 64,
            .steps = 2,
            .sampler = "Euler",
            .schedule = "Karras"};
  }
  static absl::StatusOr<std::unique_ptr<Generation>> Start(Backend& backend) {
    return backend.Start(Request());
  }

  const std::shared_ptr<ModelCache> cache_ = ModelCache::Create(10);
  std::map<std::string, int> loads_;
  const FakeBackend* newest_ = nullptr;  // of all that were loaded
  absl::Status failure_;
};

TEST_F(ModelCacheTest, AModelIsLoadedWhenItIsNeededAndOnce) {
  const auto model = Serve("a", 4);
  EXPECT_EQ(model->tokenizer(), "tokenizer of a");
  EXPECT_EQ(model->info().default_width, FakeModelInfo().default_width);
  EXPECT_EQ(loads_["a"], 0);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Start(*model).ok());
  EXPECT_EQ(loads_["a"], 1);
  EXPECT_EQ(cache_->resident_bytes(), 4);
}

TEST_F(ModelCacheTest, AGenerationRunsAsItDoesWithoutACache) {
  const auto model = Serve("a", 4);
  const std::unique_ptr<Generation> generation = Start(*model).value();
  FakeBackend plain({});
  const std::unique_ptr<Generation> alone = Start(plain).value();
  ASSERT_EQ(generation->batch_key(0), alone->batch_key(0));
  EXPECT_EQ(model->max_rows(generation->batch_key(0)), plain.max_rows(alone->batch_key(0)));
  while (!generation->done(0)) {
    EXPECT_EQ(generation->steps_done(0), alone->steps_done(0));
    EXPECT_EQ(model->Preview(*generation, 0).value(), plain.Preview(*alone, 0).value());
    ASSERT_TRUE(model->Step({{generation.get(), 0}}).value()[0].ok());
    ASSERT_TRUE(plain.Step({{alone.get(), 0}}).value()[0].ok());
  }
  EXPECT_EQ(model->Decode(*generation, 0).value(), plain.Decode(*alone, 0).value());
}

TEST_F(ModelCacheTest, AModelIsLoadedForAGenerationThatGoesOnAndStaysWhileThatLives) {
  const auto a = Serve("a", 6);
  std::unique_ptr<Generation> generation = Start(*a).value();
  ASSERT_TRUE(a->Step({{generation.get(), 0}}).value()[0].ok());
  const std::string saved = a->Save(*generation, 100).value();
  generation = nullptr;
  const auto b = Serve("b", 6);
  ASSERT_TRUE(Start(*b).ok()) << "in place of a";
  generation = a->Continue(Request(), saved).value();
  EXPECT_EQ(loads_["a"], 2);
  EXPECT_EQ(generation->steps_done(0), 1);
  EXPECT_TRUE(absl::IsUnavailable(Start(*b).status()));
  EXPECT_TRUE(absl::IsDataLoss(a->Continue(Request(), "x").status()));
}

TEST_F(ModelCacheTest, AModelKnowsItsAdaptersWheneverItIsLoaded) {
  const diffusion::AdapterFiles files = {.loras = {{"detail", "/detail"}}, .embeddings = {}};
  const auto a = Serve("a", 6);
  const auto b = Serve("b", 6);
  a->SetAdapters(files);
  ASSERT_TRUE(Start(*a).ok());
  EXPECT_EQ(newest_->adapters(), files);
  a->SetAdapters({});
  EXPECT_EQ(newest_->adapters(), diffusion::AdapterFiles());
  a->SetAdapters(files);
  ASSERT_TRUE(Start(*b).ok());  // a goes
  EXPECT_EQ(newest_->adapters(), diffusion::AdapterFiles());
  ASSERT_TRUE(Start(*a).ok());
  EXPECT_EQ(newest_->adapters(), files);
}

TEST_F(ModelCacheTest, TheModelUsedLongestAgoMakesRoom) {
  const auto a = Serve("a", 4);
  const auto b = Serve("b", 4);
  const auto c = Serve("c", 4);
  for (const auto* model : {&a, &b, &a, &c, &a}) EXPECT_TRUE(Start(**model).ok());
  EXPECT_EQ(loads_["a"], 1);
  EXPECT_EQ(cache_->resident_bytes(), 8);
  EXPECT_THAT(cache_->resident(), ElementsAre(ModelInMemory{"a", 4}, ModelInMemory{"c", 4}));
  EXPECT_TRUE(Start(*b).ok());
  EXPECT_EQ(loads_["b"], 2);
  EXPECT_THAT(cache_->resident(), ElementsAre(ModelInMemory{"a", 4}, ModelInMemory{"b", 4}));
}

TEST_F(ModelCacheTest, ComingsAndGoingsAreCounted) {
  EXPECT_TRUE(cache_->traffic().empty());
  const auto a = Serve("a", 6);
  auto b = Serve("b", 6);
  for (Backend* model : {a.get(), b.get(), a.get()}) EXPECT_TRUE(Start(*model).ok());
  failure_ = absl::DataLossError("torn");
  EXPECT_FALSE(Start(*b).ok());  // a has gone for it
  b = nullptr;                   // which is no eviction
  const std::vector<ModelTraffic> traffic = cache_->traffic();
  ASSERT_EQ(traffic.size(), 2u);
  EXPECT_EQ(traffic[0].id, "a");
  EXPECT_EQ(traffic[0].loads, 2);
  EXPECT_EQ(traffic[0].failures, 0);
  EXPECT_EQ(traffic[0].evictions, 2);
  EXPECT_EQ(traffic[1].id, "b");
  EXPECT_EQ(traffic[1].loads, 1);
  EXPECT_EQ(traffic[1].failures, 1);
  EXPECT_EQ(traffic[1].evictions, 1);
}

TEST_F(ModelCacheTest, AModelWithALivingGenerationStaysAndAnotherWaits) {
  const auto a = Serve("a", 6);
  const auto b = Serve("b", 6);
  std::unique_ptr<Generation> generation = Start(*a).value();
  EXPECT_EQ(Start(*b).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(loads_["b"], 0);
  generation.reset();
  EXPECT_TRUE(Start(*b).ok());
  EXPECT_EQ(cache_->resident_bytes(), 6);
}

TEST_F(ModelCacheTest, APinnedModelStays) {
  const auto a = Serve("a", 4, true);
  const auto b = Serve("b", 6);
  const auto c = Serve("c", 6);
  for (const auto* model : {&a, &b, &c, &b, &a}) EXPECT_TRUE(Start(**model).ok());
  EXPECT_EQ(loads_["a"], 1);
  EXPECT_EQ(loads_["b"], 2);
}

TEST_F(ModelCacheTest, AModelThatCouldNeverBeLoadedIsRefusedAtOnce) {
  EXPECT_EQ(cache_->Serve(Model("a", 11)).status().code(), absl::StatusCode::kResourceExhausted);
  const auto b = Serve("b", 6);
  EXPECT_EQ(cache_->Serve(Model("c", 5, true)).status().code(),
            absl::StatusCode::kResourceExhausted);
  const auto d = Serve("d", 4, true);
  EXPECT_EQ(cache_->Serve(Model("e", 7)).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(ModelCacheTest, AModelThatIsServedNoLongerCountsForNothing) {
  auto a = Serve("a", 9, true);
  EXPECT_TRUE(Start(*a).ok());
  a.reset();
  EXPECT_EQ(cache_->resident_bytes(), 0);
  EXPECT_TRUE(cache_->Serve(Model("b", 9, true)).ok());
}

TEST_F(ModelCacheTest, AReplacedModelIsNotPinnedAndGoesWithItsLastGeneration) {
  const auto before = Serve("a", 6, true);
  std::unique_ptr<Generation> generation = Start(*before).value();
  const auto after = cache_->Serve(Model("a", 7, true));
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(Start(**after).status().code(), absl::StatusCode::kUnavailable);
  generation.reset();
  EXPECT_TRUE(Start(**after).ok());
  EXPECT_EQ(cache_->resident_bytes(), 7);
}

TEST_F(ModelCacheTest, AFileThatIsBeingReplacedFailsNoJob) {
  const auto a = Serve("a", 6);
  failure_ = absl::AbortedError("replaced");
  EXPECT_EQ(Start(*a).status().code(), absl::StatusCode::kAborted);
}

TEST_F(ModelCacheTest, PreloadingUnloadsNothing) {
  const auto a = Serve("a", 6);
  const auto b = Serve("b", 6);
  EXPECT_TRUE(cache_->Preload("a").ok());
  EXPECT_TRUE(cache_->Preload("b").ok());
  EXPECT_EQ(loads_["a"], 1);
  EXPECT_EQ(loads_["b"], 0);
}

TEST_F(ModelCacheTest, AFileThatCannotBeReadFailsItsJobAndIsTriedAgain) {
  const auto a = Serve("a", 6);
  failure_ = absl::InvalidArgumentError("a.safetensors is cut short");
  const absl::Status status = Start(*a).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("a.safetensors is cut short"));
  failure_ = absl::OkStatus();
  EXPECT_TRUE(Start(*a).ok());
}

TEST_F(ModelCacheTest, AFullDeviceMakesTheOthersGo) {
  const auto a = Serve("a", 2);
  const auto b = Serve("b", 2);
  const auto c = Serve("c", 2);
  EXPECT_TRUE(Start(*a).ok());
  EXPECT_TRUE(Start(*b).ok());
  failure_ = absl::ResourceExhaustedError("device full");
  EXPECT_EQ(Start(*c).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(loads_["c"], 3) << "once more after each of the two that made room";
  EXPECT_EQ(cache_->resident_bytes(), 0);
}

}  // namespace
}  // namespace darkroom::worker
