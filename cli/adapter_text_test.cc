#include "cli/adapter_text.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::cli {
namespace {

namespace v1 = darkroom::v1;

TEST(AdapterText, ShowsEachAsItIsWrittenInAPrompt) {
  v1::ListAdaptersResponse listed;
  v1::Adapter& lora = *listed.add_adapters();
  lora.set_kind(v1::ADAPTER_KIND_LORA);
  lora.set_name("fine detail");
  lora.add_trigger_words("finely drawn");
  lora.add_trigger_words("sharp\033[2J");
  v1::Adapter& embedding = *listed.add_adapters();
  embedding.set_kind(v1::ADAPTER_KIND_EMBEDDING);
  embedding.set_name("bad");
  embedding.set_vectors(3);
  EXPECT_EQ(AdaptersText(listed),
            "KIND       IN A PROMPT           TOKENS  TRIGGER WORDS\n"
            "LoRA       <lora:fine detail:1>          finely drawn, sharp [2J\n"
            "embedding  bad                   3");
}

}  // namespace
}  // namespace darkroom::cli
