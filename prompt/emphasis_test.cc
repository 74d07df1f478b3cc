#include "prompt/emphasis.h"

#include "gtest/gtest.h"

namespace darkroom::prompt {
namespace {

TEST(Emphasis, NamesAreThoseOfInfotexts) {
  for (const Emphasis emphasis :
       {Emphasis::kOriginal, Emphasis::kNoNorm, Emphasis::kIgnore, Emphasis::kNone}) {
    EXPECT_EQ(FindEmphasis(EmphasisName(emphasis)), emphasis);
  }
  EXPECT_EQ(EmphasisName(Emphasis::kNoNorm), "No norm");
  EXPECT_EQ(FindEmphasis("no norm"), std::nullopt);
}

}  // namespace
}  // namespace darkroom::prompt
