#include "tokenizer/clip_words.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::tokenizer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ClipWords, LettersDigitsAndSignsAreWordsOfTheirOwn) {
  EXPECT_THAT(SplitClipWords("Red apple,42 (best!!)"),
              ElementsAre("red", "apple", ",", "4", "2", "(", "best", "!!)"));
  EXPECT_THAT(SplitClipWords(" \t\n　"), IsEmpty());
}

TEST(ClipWords, ContractionsAreCutOff) {
  EXPECT_THAT(SplitClipWords("don't WE'LL 'tis"),
              ElementsAre("don", "'t", "we", "'ll", "'t", "is"));
  // Only where a word begins: the first quote takes the second one along.
  EXPECT_THAT(SplitClipWords("''s"), ElementsAre("''", "s"));
}

TEST(ClipWords, SpecialNamesInTheWrongCaseAreOrdinaryWords) {
  EXPECT_THAT(SplitClipWords("<|ENDOFTEXT|>!!"), ElementsAre("<|", "endoftext", "|>", "!!"));
  EXPECT_THAT(SplitClipWords("<|nonsense|>!!"), ElementsAre("<|", "nonsense", "|>!!"));
}

TEST(ClipWords, InvalidBytesAreReplaced) {
  EXPECT_THAT(SplitClipWords("a\xFF\x62"), ElementsAre("a", "\xEF\xBF\xBD", "b"));
}

}  // namespace
}  // namespace darkroom::tokenizer
