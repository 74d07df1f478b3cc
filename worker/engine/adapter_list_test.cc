#include "worker/engine/adapter_list.h"

#include "absl/strings/str_cat.h"
#include "darkroom/internal/v1/adapter_list.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scheduler/core/checks.h"

namespace darkroom::worker {
namespace {

using ::testing::ElementsAre;

FoundAdapter Lora(const std::string& name) {
  FoundAdapter adapter;
  adapter.name = name;
  adapter.header = {.family = "sdxl",
                    .made_for = "SDXL",
                    .title = "Fine Detail",
                    .alias = "detail_v2",
                    .trigger_words = {"fine", "sharp"}};
  return adapter;
}

TEST(AdapterList, SaysWhatIsKnownOfEachFile) {
  FoundAdapter embedding;
  embedding.kind = AdapterKind::kEmbedding;
  embedding.name = "bad";
  embedding.header.made_for = "Flux";
  embedding.header.vectors = 8;
  internal::v1::AdapterList list;
  ASSERT_TRUE(list.ParseFromString(MakeAdapterList({Lora("detail"), embedding})));
  EXPECT_EQ(list.version(), 1u);
  ASSERT_EQ(list.adapters_size(), 2);
  const v1::Adapter& lora = list.adapters(0).adapter();
  EXPECT_EQ(lora.kind(), v1::ADAPTER_KIND_LORA);
  EXPECT_EQ(lora.name(), "detail");
  EXPECT_EQ(lora.alias(), "detail_v2");
  EXPECT_EQ(lora.display_name(), "Fine Detail");
  EXPECT_EQ(lora.family(), v1::MODEL_FAMILY_STABLE_DIFFUSION_XL);
  EXPECT_THAT(lora.trigger_words(), ElementsAre("fine", "sharp"));
  EXPECT_EQ(list.adapters(0).made_for(), "SDXL");
  EXPECT_EQ(list.adapters(1).adapter().kind(), v1::ADAPTER_KIND_EMBEDDING);
  EXPECT_EQ(list.adapters(1).adapter().family(), v1::MODEL_FAMILY_UNSPECIFIED);
  EXPECT_EQ(list.adapters(1).adapter().vectors(), 8);
  EXPECT_EQ(list.adapters(1).made_for(), "Flux");
}

TEST(AdapterList, UpscalersHaveAListOfTheirOwn) {
  FoundAdapter upscaler;
  upscaler.kind = AdapterKind::kUpscaler;
  upscaler.name = "RealESRGAN_x4plus";
  upscaler.header.alias = "R-ESRGAN 4x+";
  upscaler.upscaler = diffusion::UpscalerLayout{
      .network = diffusion::RrdbLayout{}, .scale = 4, .operations_per_pixel = 17'926'848};
  internal::v1::AdapterList list;
  ASSERT_TRUE(list.ParseFromString(MakeAdapterList({Lora("detail"), upscaler})));
  EXPECT_EQ(list.adapters_size(), 1);
  ASSERT_EQ(list.upscalers_size(), 1);
  EXPECT_EQ(list.upscalers(0).operations_per_pixel(), 17'926'848);
  const v1::Upscaler& shown = list.upscalers(0).upscaler();
  EXPECT_EQ(shown.kind(), v1::UPSCALER_KIND_NETWORK);
  EXPECT_EQ(shown.name(), "RealESRGAN_x4plus");
  EXPECT_EQ(shown.alias(), "R-ESRGAN 4x+");
  EXPECT_EQ(shown.scale(), 4);
  EXPECT_EQ(shown.architecture(), "ESRGAN");
}

TEST(AdapterList, OfNothingIsEmpty) { EXPECT_EQ(MakeAdapterList({}), ""); }

TEST(AdapterList, OfTheMostFilesFitsIntoADocument) {
  std::vector<FoundAdapter> adapters;
  for (std::size_t i = 0; i < AdapterCatalogue::kMaxAdapters; ++i) {
    FoundAdapter adapter = Lora(absl::StrCat(i, std::string(240, 'n')));
    adapter.header.alias = std::string(diffusion::kMaxHeaderText, 'a');
    adapter.header.title = std::string(diffusion::kMaxHeaderText, 't');
    adapter.header.trigger_words.assign(diffusion::kMaxTriggerWords,
                                        std::string(diffusion::kMaxHeaderText, 'w'));
    adapters.push_back(std::move(adapter));
  }
  const std::string bytes = MakeAdapterList(adapters);
  EXPECT_LE(bytes.size(), scheduler::kMaxDocumentBytes);
  internal::v1::AdapterList list;
  ASSERT_TRUE(list.ParseFromString(bytes));
  EXPECT_EQ(static_cast<std::size_t>(list.adapters_size()), adapters.size());
}

}  // namespace
}  // namespace darkroom::worker
