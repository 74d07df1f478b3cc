#include "tokenizer/clip_tokenizer.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::tokenizer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

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

TEST(ClipTokenizer, TheSpecialIdsAreTheConfigs) {
  const auto tokenizer = ClipTokenizer::Create(SmallVocabulary(), {}, {.pad_token = "a"});
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  EXPECT_EQ(tokenizer->begin_id(), 9);
  EXPECT_EQ(tokenizer->end_id(), 10);
  EXPECT_EQ(tokenizer->pad_id(), 0);
  EXPECT_EQ(tokenizer->comma_id(), -1);
}

TEST(ClipTokenizer, MergesGiveClipsIds) {
  // The first merges of CLIP; ids by openai/CLIP: bytes that print come first.
  const std::vector<std::string> merges = {"i n", "t h", "a n", "r e", "a r", "e r", "th e</w>"};
  auto tokenizer = ClipTokenizer::FromMerges(merges, TokenizerConfig());
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  EXPECT_THAT(tokenizer->Tokenize("! a the in"), ElementsAre(256, 320, 518, 72, 333));
  EXPECT_THAT(tokenizer->Tokenize("int"), ElementsAre(512, 339));
  EXPECT_EQ(tokenizer->comma_id(), 267);
  EXPECT_EQ(tokenizer->begin_id(), 519);
  EXPECT_EQ(tokenizer->end_id(), 520);
  EXPECT_EQ(tokenizer->vocab_size(), 521);
  EXPECT_EQ(ClipTokenizer::FromMerges(merges, {.pad_token = "!"})->pad_id(), 0);
}

TEST(ClipTokenizer, AMergeOfWhatNoMergeMakesIsRefused) {
  EXPECT_THAT(
      std::string(ClipTokenizer::FromMerges({"in g"}, TokenizerConfig()).status().message()),
      HasSubstr("'in'"));
}

TEST(ClipTokenizer, AMergeOfUnknownTokensIsRefused) {
  const std::vector<std::string> merges = {"a x"};
  const auto tokenizer = ClipTokenizer::Create(SmallVocabulary(), merges, TokenizerConfig());
  EXPECT_EQ(tokenizer.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(tokenizer.status().message()), HasSubstr("'x'"));
}

TEST(ClipTokenizer, BytesAreTokensOfAModelWithoutVocabulary) {
  EXPECT_THAT(ClipTokenizer::ByteLevel(600).Tokenize("ab c"),
              ElementsAre('a', 256 + 'b', 256 + 'c'));
  EXPECT_EQ(ClipTokenizer::ByteLevel(600).begin_id(), 598);
  EXPECT_EQ(ClipTokenizer::ByteLevel(600).comma_id(), 256 + ',');
}

TEST(ClipTokenizer, AnIdThatIsNoneIsRefused) {
  ClipTokenizer::Vocabulary vocabulary = SmallVocabulary();
  vocabulary["z"] = kMaxVocabulary;
  const auto tokenizer = ClipTokenizer::Create(vocabulary, {}, TokenizerConfig());
  EXPECT_EQ(tokenizer.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(tokenizer.status().message()), HasSubstr("'z'"));
}

TEST(ClipTokenizer, TokensSpellTheTextWithABlankBehindEveryWord) {
  ClipTokenizer tokenizer = Small({"b c</w>", "a b"});
  std::string text;
  for (const std::int64_t id : tokenizer.Tokenize("ABC a")) text += tokenizer.Spell(id);
  EXPECT_EQ(text, "abc a ");
  EXPECT_EQ(tokenizer.Spell(6), "bc ");
  EXPECT_EQ(tokenizer.Spell(10), "<|endoftext|>");
  EXPECT_EQ(tokenizer.Spell(8), "");  // in the vocabulary, but no merge makes it
  EXPECT_EQ(tokenizer.Spell(-1), "");
  EXPECT_EQ(tokenizer.Spell(999), "");
}

TEST(ClipTokenizer, BytesThatAreNoCharactersAndControlCharactersAreShown) {
  const ClipTokenizer tokenizer = ClipTokenizer::ByteLevel(600);
  EXPECT_EQ(tokenizer.Spell(0xE2), "\\xE2");
  EXPECT_EQ(tokenizer.Spell(256 + 0x1B), "\\x1B ");
  EXPECT_EQ(tokenizer.Spell('\\'), "\\");
}

TEST(ClipTokenizer, APublishedTokenizerIsTheSame) {
  ClipTokenizer tokenizer = Small({"a b", "b c</w>", "ab c</w>"});
  auto parsed = ClipTokenizer::Parse(tokenizer.Serialise());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->Serialise(), tokenizer.Serialise());
  for (const char* text : {"abc", "bc ab", "a<|endoftext|>b", "zé"}) {
    EXPECT_EQ(parsed->Tokenize(text), tokenizer.Tokenize(text));
  }
  for (int id = 0; id < tokenizer.vocab_size(); ++id) {
    EXPECT_EQ(parsed->Spell(id), tokenizer.Spell(id));
  }
  EXPECT_NE(Small({"a b"}).Serialise(), Small({"b c</w>"}).Serialise());
}

TEST(ClipTokenizer, ATokenMadeOfItselfIsSpelledInBoundedTime) {
  TokenizerTables tables;
  tables.vocab_size = 100;
  tables.byte_token.fill(1);
  tables.last_byte_token.fill(2);
  tables.merges = {{3, 3, 3}, {1, 1, 4}};
  for (int id = 5; id < 100; ++id) tables.merges.push_back({id - 1, id - 1, id});
  const auto tokenizer = ClipTokenizer::Parse(SerialiseTables(tables));
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  EXPECT_EQ(tokenizer->Spell(3), "");
  EXPECT_EQ(tokenizer->Spell(4), "\\x00\\x00");
  EXPECT_LE(tokenizer->Spell(99).size(), 4 * ClipTokenizer::kMaxSpelledBytes);
}

}  // namespace
}  // namespace darkroom::tokenizer
