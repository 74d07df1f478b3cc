#include "server/core/embedding_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/testing/demo_adapters.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(EmbeddingWarningsTest, AnEmbeddingForAnotherFamilyIsToldOnceInWhateverCase) {
  const AdapterIndex index = AdapterIndex::Parse(DemoAdapterList()).value();
  auto tokenizer = tokenizer::ClipTokenizer::ByteLevel(600);
  const auto warnings = [&](const char* prompt, v1::ModelFamily family) {
    return WarnOfOtherEmbeddings(prompt, index, family, tokenizer);
  };
  EXPECT_THAT(
      warnings("a cat, XL_hands, bad, xl_hands", v1::MODEL_FAMILY_STABLE_DIFFUSION_1),
      ElementsAre("\"xl_hands\" names an embedding for SDXL, which this model cannot use: it "
                  "is read as text."));
  EXPECT_THAT(warnings("xl_hands, (bad:1.2)", v1::MODEL_FAMILY_STABLE_DIFFUSION_XL),
              ElementsAre(HasSubstr("for Stable Diffusion 1.x")));
  EXPECT_THAT(warnings("a cat", v1::MODEL_FAMILY_STABLE_DIFFUSION_1), IsEmpty());
}

TEST(EmbeddingWarningsTest, ANameThatAFittingEmbeddingHasIsThatOne) {
  darkroom::internal::v1::AdapterList list;
  ASSERT_TRUE(list.ParseFromString(DemoAdapterList()));
  auto& fitting = *list.add_adapters()->mutable_adapter();
  fitting.set_kind(v1::ADAPTER_KIND_EMBEDDING);
  fitting.set_name("XL_Hands");
  const AdapterIndex index = AdapterIndex::Parse(list.SerializeAsString()).value();
  auto tokenizer = tokenizer::ClipTokenizer::ByteLevel(600);
  EXPECT_THAT(
      WarnOfOtherEmbeddings("xl_hands", index, v1::MODEL_FAMILY_STABLE_DIFFUSION_1, tokenizer),
      IsEmpty());
}

}  // namespace
}  // namespace darkroom::server
