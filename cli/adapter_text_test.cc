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

TEST(UpscalersText, ShowsWhatEachWorksOn) {
  v1::ListUpscalersResponse listed;
  v1::Upscaler& latent = *listed.add_upscalers();
  latent.set_kind(v1::UPSCALER_KIND_LATENT);
  latent.set_name("Latent");
  v1::Upscaler& network = *listed.add_upscalers();
  network.set_kind(v1::UPSCALER_KIND_NETWORK);
  network.set_name("RealESRGAN_x4plus");
  network.set_alias("R-ESRGAN 4x+");
  network.set_scale(4);
  network.set_architecture("ESRGAN");
  EXPECT_EQ(UpscalersText(listed),
            "UPSCALER           WORKS ON             SCALE  ALSO CALLED\n"
            "Latent             the latent           any\n"
            "RealESRGAN_x4plus  the picture, ESRGAN  4x     R-ESRGAN 4x+");
}

}  // namespace
}  // namespace darkroom::cli
