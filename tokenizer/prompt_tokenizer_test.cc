#include "tokenizer/prompt_tokenizer.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::tokenizer {
namespace {

TEST(PromptTokenizer, ChunksHaveTheTokensOfTheVocabulary) {
  ClipTokenizer tokenizer = ClipTokenizer::ByteLevel(600);
  const prompt::PromptTokenizer prompts = MakePromptTokenizer(tokenizer);
  const auto chunks = prompt::ChunkPrompt("ab, (c:1.5) BREAK d", prompts, {}).chunks;
  ASSERT_EQ(chunks.size(), 2u);
  EXPECT_EQ(chunks[0].ids[0], 598);
  EXPECT_EQ(chunks[0].ids[1], 'a');
  EXPECT_EQ(chunks[0].ids[2], 256 + 'b');
  EXPECT_EQ(chunks[0].ids[3], prompts.special.comma);
  EXPECT_EQ(chunks[0].ids[4], 256 + 'c');
  EXPECT_EQ(chunks[0].multipliers[4], 1.5f);
  EXPECT_EQ(chunks[0].ids[5], 599);
  EXPECT_EQ(chunks[0].ids[76], 599);
  EXPECT_EQ(chunks[1].ids[1], 256 + 'd');
}

}  // namespace
}  // namespace darkroom::tokenizer
