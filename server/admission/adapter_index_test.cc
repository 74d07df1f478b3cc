#include "server/admission/adapter_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/sha256.h"
#include "scheduler/testing/in_memory_scheduler.h"
#include "server/testing/demo_adapters.h"
#include "server/testing/demo_model.h"
#include "server/testing/manual_loop.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Names(const std::vector<const AdapterIndex::Listed*>& adapters) {
  std::vector<std::string> names;
  for (const AdapterIndex::Listed* listed : adapters) names.push_back(listed->adapter().name());
  return names;
}

TEST(AdapterIndexTest, LorasAreFoundByNameAndAlias) {
  const AdapterIndex index = AdapterIndex::Parse(DemoAdapterList()).value();
  ASSERT_NE(index.FindLora("detail"), nullptr);
  EXPECT_EQ(index.FindLora("detail_v2"), index.FindLora("detail"));
  EXPECT_EQ(index.FindLora("xl")->made_for(), "SDXL");
  for (const char* other : {"Detail", "bad", ""}) {
    EXPECT_EQ(index.FindLora(other), nullptr) << other;
  }
}

TEST(AdapterIndexTest, ThoseOfAModelAreMadeForItOrDoNotTell) {
  const AdapterIndex index = AdapterIndex::Parse(DemoAdapterList()).value();
  EXPECT_THAT(Names(index.AllOf(v1::ADAPTER_KIND_LORA, v1::MODEL_FAMILY_STABLE_DIFFUSION_1)),
              ElementsAre("detail", "untold"));
  EXPECT_THAT(Names(index.AllOf(v1::ADAPTER_KIND_EMBEDDING, v1::MODEL_FAMILY_STABLE_DIFFUSION_XL)),
              ElementsAre("xl_hands"));
  EXPECT_THAT(Names(index.AllOf(v1::ADAPTER_KIND_LORA, v1::MODEL_FAMILY_UNSPECIFIED)),
              ElementsAre("untold"));
}

TEST(AdapterIndexTest, UpscalersAreFoundByNameAndAlias) {
  const AdapterIndex index = AdapterIndex::Parse(DemoAdapterList()).value();
  ASSERT_NE(index.FindUpscaler("RealESRGAN_x4plus"), nullptr);
  EXPECT_EQ(index.FindUpscaler("R-ESRGAN 4x+"), index.FindUpscaler("RealESRGAN_x4plus"));
  for (const char* other : {"realesrgan_x4plus", "detail", ""}) {
    EXPECT_EQ(index.FindUpscaler(other), nullptr) << other;
  }
}

TEST(AdapterIndexTest, AListOfAnotherVersionIsRefused) {
  darkroom::internal::v1::AdapterList list;
  list.set_version(2);
  const absl::Status status = AdapterIndex::Parse(list.SerializeAsString()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("version 2"));
  EXPECT_FALSE(AdapterIndex::Parse("no list").ok());
}

TEST(AdapterIndexTest, AModelWithoutAListHasNoAdaptersAndAMissingOneIsWaitedFor) {
  ManualLoop loop;
  scheduler::InMemoryScheduler scheduler(&loop.clock());
  const auto cache = MakeAdapterCache(loop, scheduler);
  v1::Model model = DemoModel();
  const auto get = [&] {
    absl::StatusOr<AdapterCache::Pointer> got = absl::UnknownError("no answer");
    GetAdapters(*cache, model, [&got](auto answer) { got = std::move(answer); });
    loop.Advance(kStoreTimeout);
    return got;
  };
  ASSERT_TRUE(get().ok());
  EXPECT_THAT((*get())->AllOf(v1::ADAPTER_KIND_LORA, model.family()), IsEmpty());
  const std::string list = DemoAdapterList();
  model.set_adapters_digest(Sha256Hex(list));
  EXPECT_EQ(get().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(get().status().message(), HasSubstr("no worker has published the adapters"));
  scheduler.PutDocument(Sha256Hex(list), list, [](const absl::Status&) {});
  ASSERT_TRUE(get().ok());
  EXPECT_NE((*get())->FindLora("detail"), nullptr);
}

}  // namespace
}  // namespace darkroom::server
