#include "worker/diffusion/text/clip_tokenizer.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Letters a to c, and two merges of different rank.
ClipTokenizer::Vocabulary SmallVocabulary() {
  return {{"a", 0},
          {"b", 1},
          {"c", 2},
          {"a</w>", 3},
          {"b</w>", 4},
          {"c</w>", 5},
          {"bc</w>", 6},
          {"ab", 7},
          {"abc</w>", 8},
          {"<|startoftext|>", 9},
          {"<|endoftext|>", 10}};
}

ClipTokenizer Small(const std::vector<std::string>& merges) {
  auto tokenizer = ClipTokenizer::Create(SmallVocabulary(), merges, TokenizerConfig());
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.status();
  return *std::move(tokenizer);
}

TEST(ClipTokenizer, TheMergeOfLowestRankGoesFirst) {
  EXPECT_THAT(Small({"b c</w>", "a b"}).Tokenize("abc"), ElementsAre(0, 6));
  EXPECT_THAT(Small({"a b", "b c</w>"}).Tokenize("abc"), ElementsAre(7, 5));
  EXPECT_THAT(Small({"a b", "b c</w>", "ab c</w>"}).Tokenize("ABC"), ElementsAre(8));
}

TEST(ClipTokenizer, WhatIsNotInTheVocabularyIsUnknownByteByByte) {
  EXPECT_THAT(Small({}).Tokenize("az é"), ElementsAre(0, 10, 10, 10));
}

TEST(ClipTokenizer, SpecialTokensAreRecognisedInsideText) {
  EXPECT_THAT(Small({}).Tokenize("a<|endoftext|>b<|startoftext|>"), ElementsAre(3, 10, 4, 9));
}

TEST(ClipTokenizer, AnEmptyPromptIsOneChunkOfPadding) {
  ClipTokenizer tokenizer = Small({});
  EXPECT_THAT(tokenizer.Tokenize(" "), IsEmpty());
  const std::vector<TokenChunk> chunks = tokenizer.Encode("");
  ASSERT_EQ(chunks.size(), 1u);
  EXPECT_EQ(chunks[0][0], 9);
  for (std::size_t i = 1; i < chunks[0].size(); ++i) EXPECT_EQ(chunks[0][i], 10);
}

TEST(ClipTokenizer, SeventyFiveTokensFillAChunkAndOneMoreBeginsAnother) {
  ClipTokenizer tokenizer = Small({});
  std::string prompt;
  for (int i = 0; i < kChunkCapacity; ++i) absl::StrAppend(&prompt, "b ");
  const std::vector<TokenChunk> full = tokenizer.Encode(prompt);
  ASSERT_EQ(full.size(), 1u);
  EXPECT_EQ(full[0][75], 4);
  EXPECT_EQ(full[0][76], 10);

  const std::vector<TokenChunk> split = tokenizer.Encode(absl::StrCat(prompt, "c"));
  ASSERT_EQ(split.size(), 2u);
  EXPECT_EQ(split[0], full[0]);
  EXPECT_THAT(std::vector<std::int64_t>(split[1].begin(), split[1].begin() + 4),
              ElementsAre(9, 5, 10, 10));
}

TEST(ClipTokenizer, PaddingIsTheConfigsToken) {
  const auto tokenizer = ClipTokenizer::Create(SmallVocabulary(), {}, {.pad_token = "a"});
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  const std::vector<TokenChunk> chunks = ClipTokenizer(*tokenizer).Encode("b");
  EXPECT_EQ(chunks[0][2], 10);
  EXPECT_EQ(chunks[0][3], 0);
}

TEST(ClipTokenizer, AMergeOfUnknownTokensIsRefused) {
  const std::vector<std::string> merges = {"a x"};
  const auto tokenizer = ClipTokenizer::Create(SmallVocabulary(), merges, TokenizerConfig());
  EXPECT_EQ(tokenizer.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(tokenizer.status().message()), HasSubstr("'x'"));
}

TEST(ClipTokenizer, AMissingFolderIsNotFoundByName) {
  const auto tokenizer = ClipTokenizer::Load("/nonexistent", TokenizerConfig());
  EXPECT_FALSE(tokenizer.ok());
  EXPECT_THAT(std::string(tokenizer.status().message()), HasSubstr("/nonexistent"));
}

TEST(ClipTokenizer, BytesAreTokensOfAModelWithoutVocabulary) {
  EXPECT_THAT(ClipTokenizer::ByteLevel(600).Tokenize("ab c"),
              ElementsAre('a', 256 + 'b', 256 + 'c'));
  EXPECT_EQ(ClipTokenizer::ByteLevel(600).Encode("")[0][0], 598);
}

}  // namespace
}  // namespace darkroom::diffusion
