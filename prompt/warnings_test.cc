#include "prompt/warnings.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::prompt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = Warning::Kind;

constexpr PassSteps kPass = {.steps = 10};

std::vector<Kind> Kinds(const std::vector<Warning>& warnings) {
  std::vector<Kind> kinds;
  for (const Warning& warning : warnings) kinds.push_back(warning.kind);
  return kinds;
}

std::vector<Kind> Positive(absl::string_view prompt, Emphasis emphasis = Emphasis::kOriginal) {
  return Kinds(FindWarnings(PlanPrompt(prompt, kPass), kPass, emphasis));
}

std::vector<Kind> Negative(absl::string_view prompt) {
  return Kinds(
      FindNegativeWarnings(prompt, PlanNegativePrompt(prompt, kPass), kPass, Emphasis::kOriginal));
}

TEST(Warnings, WellFormedPromptsHaveNone) {
  EXPECT_THAT(Positive("a (b:1.2), [c:d:5] BREAK [e|f] <lora:x:1> AND \\(g\\):0.5"), IsEmpty());
  EXPECT_THAT(Negative("bad, (ugly:1.3)"), IsEmpty());
}

TEST(Warnings, BracketsAndWeights) {
  EXPECT_THAT(Positive("(a"), ElementsAre(Kind::kUnclosedBracket));
  EXPECT_THAT(Positive("a]"), ElementsAre(Kind::kStrayBracket));
  EXPECT_THAT(Positive("(a:1..2)"), ElementsAre(Kind::kMalformedWeight));
  EXPECT_THAT(Positive("(a BREAK b)"), ElementsAre(Kind::kNotABreak));
  EXPECT_THAT(Positive("(a ] BREAK", Emphasis::kNone), IsEmpty());
}

TEST(Warnings, EditsThatCannotBeReadOrComeTooLate) {
  EXPECT_THAT(Positive("a | b"), ElementsAre(Kind::kGrammarFailure));
  EXPECT_THAT(Positive("[a:b:9]"), ElementsAre(Kind::kNeverReached));
  EXPECT_THAT(Positive("[a:b:8]"), IsEmpty());
}

TEST(Warnings, NetworksThatCannotBeLoaded) {
  EXPECT_THAT(Positive("<lora:x:strong> <lyco:y:1> <hypernet:z>"),
              ElementsAre(Kind::kBadNetworkArguments));
  EXPECT_THAT(Positive("<b:old> <b:new>"), ElementsAre(Kind::kUnknownNetwork));
}

TEST(Warnings, WhatANegativePromptTakesAsText) {
  EXPECT_THAT(Negative("a AND b <lora:x>"),
              ElementsAre(Kind::kNetworkInNegative, Kind::kCompositionInNegative));
}

TEST(Warnings, EachIsGivenOnce) {
  EXPECT_THAT(Positive("(a AND (b AND [(c|(d]"),
              ElementsAre(Kind::kUnclosedBracket, Kind::kGrammarFailure));
}

}  // namespace
}  // namespace darkroom::prompt
