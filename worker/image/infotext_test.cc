#include "worker/image/infotext.h"

#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

ImageFacts Castle() {
  return {.prompt = "a castle, (night:1.2)",
          .negative_prompt = "blurry",
          .steps = 20,
          .sampler = "DPM++ 2M",
          .schedule = "Karras",
          .guidance_scale = 7,
          .seed = 4294967295,
          .width = 128,
          .height = 64,
          .model_hash = "0123456789",
          .model = "demo",
          .clip_skip = 2,
          .noise_source = "NV",
          .version = "darkroom v0.1.0"};
}

TEST(Infotext, HasPromptNegativePromptAndOneLineOfPairs) {
  EXPECT_EQ(FormatInfotext(Castle()),
            "a castle, (night:1.2)\n"
            "Negative prompt: blurry\n"
            "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 4294967295, "
            "Size: 128x64, Model hash: 0123456789, Model: demo, Clip skip: 2, RNG: NV, "
            "Version: darkroom v0.1.0");
}

TEST(Infotext, LeavesOutAnEmptyNegativePromptAndAClipSkipOfOne) {
  ImageFacts facts = Castle();
  facts.negative_prompt.clear();
  facts.clip_skip = 1;
  facts.guidance_scale = 7.5;
  facts.noise_source = "CPU";
  EXPECT_EQ(FormatInfotext(facts),
            "a castle, (night:1.2)\n"
            "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: "
            "4294967295, Size: 128x64, Model hash: 0123456789, Model: demo, RNG: CPU, "
            "Version: darkroom v0.1.0");
}

TEST(Infotext, WithoutAPromptBeginsWithThePairs) {
  ImageFacts facts = Castle();
  facts.prompt.clear();
  facts.negative_prompt.clear();
  EXPECT_EQ(FormatInfotext(facts).rfind("Steps: 20, ", 0), 0u);
}

TEST(Infotext, QuotesValuesThatWouldBreakTheLine) {
  EXPECT_EQ(QuoteInfotextValue("plain value_1"), "plain value_1");
  EXPECT_EQ(QuoteInfotextValue("a, b"), R"("a, b")");
  EXPECT_EQ(QuoteInfotextValue("a:b"), R"("a:b")");
  EXPECT_EQ(QuoteInfotextValue("say \"hi\\\""), R"("say \"hi\\\"")");
  EXPECT_EQ(QuoteInfotextValue("two\nlines\x01"), R"("two\nlines\u0001")");
}

}  // namespace
}  // namespace darkroom::worker
