#include "prompt/composition.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::prompt {
namespace {

using testing::ElementsAre;

WeightedText Part(absl::string_view text, double weight) { return {std::string(text), weight}; }

TEST(Composition, WithoutAndThereIsOnePart) {
  EXPECT_THAT(SplitComposition("a cat"), ElementsAre(Part("a cat", 1)));
  EXPECT_THAT(SplitComposition(""), ElementsAre(Part("", 1)));
  EXPECT_THAT(SplitComposition(" \n "), ElementsAre(Part("", 1)));
}

TEST(Composition, PartsHaveWeights) {
  EXPECT_THAT(SplitComposition("a AND b:0.8"), ElementsAre(Part("a", 1), Part(" b", 0.8)));
  EXPECT_THAT(SplitComposition("a:-1 AND b : +2. AND c:.5 "),
              ElementsAre(Part("a", -1), Part(" b", 2), Part(" c", 0.5)));
  EXPECT_THAT(SplitComposition("a cat:2"), ElementsAre(Part("a cat", 2)));
  EXPECT_THAT(SplitComposition("a:٣"), ElementsAre(Part("a", 3)));
}

TEST(Composition, OnlyANumberBehindTheLastColonIsAWeight) {
  EXPECT_THAT(SplitComposition("a:b AND (c:1.2)"),
              ElementsAre(Part("a:b", 1), Part(" (c:1.2)", 1)));
  EXPECT_THAT(SplitComposition("a:1:2"), ElementsAre(Part("a:1", 2)));
  EXPECT_THAT(SplitComposition("a:1e3"), ElementsAre(Part("a:1e3", 1)));
  EXPECT_THAT(SplitComposition("a:1_0"), ElementsAre(Part("a:1_0", 1)));
  EXPECT_THAT(SplitComposition("a:"), ElementsAre(Part("a:", 1)));
  EXPECT_THAT(SplitComposition(":2"), ElementsAre(Part("", 2)));
}

TEST(Composition, WhiteSpaceBeforeAWeightAndAtTheEndGoes) {
  EXPECT_THAT(SplitComposition(" a \n:\u00a02 \n"), ElementsAre(Part(" a", 2)));
  EXPECT_THAT(SplitComposition("a\n\nb \n"), ElementsAre(Part("a\n\nb", 1)));
}

TEST(Composition, AndIsAWordInUpperCase) {
  EXPECT_THAT(SplitComposition("SAND and HAND"), ElementsAre(Part("SAND and HAND", 1)));
  EXPECT_THAT(SplitComposition("AND"), ElementsAre(Part("", 1), Part("", 1)));
  EXPECT_THAT(SplitComposition("a,AND[b]"), ElementsAre(Part("a,", 1), Part("[b]", 1)));
}

}  // namespace
}  // namespace darkroom::prompt
