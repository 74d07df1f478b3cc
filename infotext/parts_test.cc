#include "infotext/parts.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::infotext {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(InfotextParts, AreTwoPromptsAndTheLastLinesPairs) {
  const InfotextParts parts = SplitInfotext(
      "a castle,\n night \nNegative prompt: blurry\nand dark\n"
      "Steps: 20, Sampler: Euler a, Seed: 7");
  EXPECT_EQ(parts.prompt, "a castle,\nnight");
  EXPECT_EQ(parts.negative_prompt, "blurry\nand dark");
  EXPECT_THAT(parts.pairs,
              ElementsAre(Pair{"Steps", "20"}, Pair{"Sampler", "Euler a"}, Pair{"Seed", "7"}));
}

TEST(InfotextParts, ALineOfFewerThanThreePairsIsPrompt) {
  const InfotextParts parts = SplitInfotext("a castle\nSteps: 20, Seed: 7");
  EXPECT_EQ(parts.prompt, "a castle\nSteps: 20, Seed: 7");
  EXPECT_THAT(parts.pairs, IsEmpty());
}

TEST(InfotextParts, QuotedValuesMayHoldCommasAndColons) {
  const InfotextParts parts = SplitInfotext(
      R"(Steps: 1, Lora hashes: "a: 1, b: \"2\"", Odd: "x"y, Open: "z, Empty: , None: "")");
  EXPECT_THAT(parts.pairs,
              ElementsAre(Pair{"Steps", "1"}, Pair{"Lora hashes", R"(a: 1, b: "2")"},
                          Pair{"Odd", R"("x"y)"}, Pair{"Open", "\"z"}, Pair{"None", ""}));
}

TEST(InfotextParts, TheLastOfSeveralValuesCounts) {
  const InfotextParts parts =
      SplitInfotext("Steps: 1, Seed: 2, Steps: 3, Seed: , Prompt: x, Negative prompt: y");
  EXPECT_THAT(parts.pairs, ElementsAre(Pair{"Steps", "3"}, Pair{"Seed", "2"}));
  EXPECT_EQ(parts.prompt, "");
}

TEST(InfotextParts, KeysBeginWithALetterAndHaveTwoCharacters) {
  for (const char* key : {"ab", "a b-c/d", "_1", "9 ", "\xe7\x8c\xab\xe7\x8c\xab", "a "}) {
    EXPECT_TRUE(IsPairKey(key)) << key;
  }
  for (const char* key : {"", "a", "\xe7\x8c\xab", " ab", "-ab", "a:b", "a,b", "a\tb",
                          "a\xc2\xa0"
                          "b",
                          "a\nb"}) {
    EXPECT_FALSE(IsPairKey(key)) << key;
  }
  EXPECT_THAT(SplitInfotext("x: 1, (ab: 2, !cd: 3, e f : 4").pairs,
              ElementsAre(Pair{"ab", "2"}, Pair{"cd", "3"}, Pair{"e f ", "4"}));
}

TEST(InfotextParts, NothingIsNothing) {
  for (const char* text : {"", " \n\t"}) {
    EXPECT_EQ(SplitInfotext(text).prompt, "");
    EXPECT_THAT(SplitInfotext(text).pairs, IsEmpty());
  }
}

// Quadratic time would take minutes.
TEST(InfotextParts, LongTextsTakeLinearTime) {
  constexpr int kBytes = 1 << 20;
  for (const char* piece : {"a", "a ", "ab: \"", "ab: \"\\\", ", "\"", "\\\"", "ab:", "  ",
                            "a:", "ab: 1, ", "\xe2\x80\x80", "\n", "Negative prompt:"}) {
    std::string text;
    while (text.size() < kBytes) text += piece;
    EXPECT_LE(SplitInfotext(text).prompt.size(), text.size());
  }
}

}  // namespace
}  // namespace darkroom::infotext
