#include "prompt/attention.h"

#include <cmath>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::prompt {
namespace {

using testing::ElementsAre;

std::vector<WeightedText> Pieces(absl::string_view text) { return ParseAttention(text).pieces; }

WeightedText Piece(absl::string_view text, double weight) { return {std::string(text), weight}; }

TEST(Attention, PlainTextIsOnePieceOfWeightOne) {
  EXPECT_THAT(Pieces("normal text"), ElementsAre(Piece("normal text", 1)));
  EXPECT_THAT(Pieces(""), ElementsAre(Piece("", 1)));
}

TEST(Attention, RoundBracketsRaiseAndSquareBracketsLower) {
  EXPECT_THAT(Pieces("an (important) word"),
              ElementsAre(Piece("an ", 1), Piece("important", 1.1), Piece(" word", 1)));
  EXPECT_THAT(Pieces("[less]"), ElementsAre(Piece("less", 1 / 1.1)));
  EXPECT_THAT(Pieces("((a))"), ElementsAre(Piece("a", 1.1 * 1.1)));
  EXPECT_THAT(Pieces("([a])"), ElementsAre(Piece("a", 1 / 1.1 * 1.1)));
}

TEST(Attention, AnUnclosedBracketWeighsTheRest) {
  const Attention attention = ParseAttention("(unbalanced");
  EXPECT_THAT(attention.pieces, ElementsAre(Piece("unbalanced", 1.1)));
  EXPECT_EQ(attention.unclosed, 1);
  EXPECT_THAT(Pieces("a [b (c"),
              ElementsAre(Piece("a ", 1), Piece("b ", 1 / 1.1), Piece("c", 1.1 * (1 / 1.1))));
}

TEST(Attention, AStrayCloserIsText) {
  const Attention attention = ParseAttention("a) b]");
  EXPECT_THAT(attention.pieces, ElementsAre(Piece("a) b]", 1)));
  EXPECT_EQ(attention.stray, 2);
}

TEST(Attention, EscapedBracketsAreText) {
  EXPECT_THAT(Pieces("\\(literal\\]"), ElementsAre(Piece("(literal]", 1)));
  EXPECT_THAT(Pieces("\\\\"), ElementsAre(Piece("\\", 1)));
  EXPECT_THAT(Pieces("(a\\))"), ElementsAre(Piece("a)", 1.1)));
}

TEST(Attention, ABackslashBeforeAnythingElseVanishes) {
  EXPECT_THAT(Pieces("a\\b\\"), ElementsAre(Piece("ab", 1)));
  EXPECT_THAT(Pieces("(a)\\"), ElementsAre(Piece("a", 1.1), Piece("", 1)));
}

TEST(Attention, NeighboursOfEqualWeightAreOnePiece) {
  EXPECT_THAT(Pieces("(unnecessary)(parens)"), ElementsAre(Piece("unnecessaryparens", 1.1)));
}

TEST(Attention, ExplicitWeightsNest) {
  EXPECT_THAT(
      Pieces("a (((house:1.3)) [on] a (hill:0.5), sun, (((sky)))."),
      ElementsAre(Piece("a ", 1), Piece("house", 1.5730000000000004), Piece(" ", 1.1),
                  Piece("on", 1), Piece(" a ", 1.1), Piece("hill", 0.55), Piece(", sun, ", 1.1),
                  Piece("sky", 1.4641000000000006), Piece(".", 1.1)));
}

TEST(Attention, WeightsMayHaveSignsAndSpaceAndForeignDigits) {
  EXPECT_THAT(Pieces("(a:-1.5)"), ElementsAre(Piece("a", -1.5)));
  EXPECT_THAT(Pieces("(a: +.5 )"), ElementsAre(Piece("a", 0.5)));
  EXPECT_THAT(Pieces("(a:\n2.\u2003)"), ElementsAre(Piece("a", 2)));
  EXPECT_THAT(Pieces("(a:٢.٥)(b:１.５)"), ElementsAre(Piece("a", 2.5), Piece("b", 1.5)));
}

TEST(Attention, SquareBracketsTakeNoWeight) {
  EXPECT_THAT(Pieces("[x:1.2]"), ElementsAre(Piece("x:1.2", 1 / 1.1)));
  EXPECT_THAT(Pieces("x:1.2)"), ElementsAre(Piece("x:1.2)", 1)));
}

TEST(Attention, AWeightThatIsNoNumberIsText) {
  for (const std::string weight : {".", "1.2.3", "..", "-."}) {
    const Attention attention = ParseAttention("(x:" + weight + ") y");
    EXPECT_THAT(attention.pieces, ElementsAre(Piece("x:" + weight, 1.1), Piece(" y", 1)));
    EXPECT_EQ(attention.malformed, 1);
  }
  EXPECT_THAT(Pieces("(x:) (y:1,5) (z:1e3)"),
              ElementsAre(Piece("x:", 1.1), Piece(" ", 1), Piece("y:1,5", 1.1), Piece(" ", 1),
                          Piece("z:1e3", 1.1)));
}

TEST(Attention, AHugeWeightIsInfinite) {
  EXPECT_TRUE(std::isinf(Pieces("(x:" + std::string(400, '9') + ")")[0].weight));
}

TEST(Attention, BreakTakesTheSpaceAroundIt) {
  const std::vector<WeightedText> pieces = Pieces("a  BREAK \n b");
  EXPECT_THAT(pieces, ElementsAre(Piece("a", 1), Piece("BREAK", -1), Piece("b", 1)));
  EXPECT_TRUE(IsBreak(pieces[1]));
  EXPECT_THAT(Pieces("BREAK BREAK"), ElementsAre(Piece("", 1), Piece("BREAK", -1), Piece("", 1),
                                                 Piece("BREAK", -1), Piece("", 1)));
}

TEST(Attention, BreakIsAWordInUpperCase) {
  EXPECT_THAT(Pieces("BREAKS a_BREAK éBREAK Break"),
              ElementsAre(Piece("BREAKS a_BREAK éBREAK Break", 1)));
  EXPECT_THAT(Pieces("a,BREAK."), ElementsAre(Piece("a,", 1), Piece("BREAK", -1), Piece(".", 1)));
}

TEST(Attention, BreakInBracketsIsAWordUnlessTheirWeightIsOne) {
  const std::vector<WeightedText> pieces = Pieces("(a BREAK b)");
  EXPECT_THAT(pieces, ElementsAre(Piece("a", 1.1), Piece("BREAK", -1.1), Piece("b", 1.1)));
  EXPECT_FALSE(IsBreak(pieces[1]));
  EXPECT_TRUE(IsBreak(Pieces("(a BREAK b:1)")[1]));
}

TEST(Attention, ThousandsOfBracketsAreNoProblem) {
  std::string prompt;
  for (int i = 0; i < 2000; ++i) prompt += i % 2 == 0 ? "(a" : "[b";
  EXPECT_EQ(ParseAttention(prompt).unclosed, 2000);
  EXPECT_EQ(ParseAttention(std::string(4096, ']')).stray, 4096);
}

TEST(Attention, BytesThatAreNoCharactersStay) {
  EXPECT_THAT(Pieces("(\xFF:1.5)\xC3"), ElementsAre(Piece("\xFF", 1.5), Piece("\xC3", 1)));
}

}  // namespace
}  // namespace darkroom::prompt
