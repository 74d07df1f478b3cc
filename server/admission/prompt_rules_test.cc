#include "server/admission/prompt_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/testing/validating.h"

namespace darkroom::server {
namespace {

using darkroom::v1::ImageParameters;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<prompt::Style>& Styles() {
  static const auto& styles = *new std::vector<prompt::Style>{
      {"oil", "oil painting # of the old kind", "photo"},
      {"framed", "a frame around {prompt} ", ""},
      {"twice", "{prompt}{prompt}", ""},
  };
  return styles;
}

ImageParameters Asking(const std::string& prompt, const std::vector<std::string>& styles) {
  ImageParameters asked;
  asked.set_prompt(prompt);
  asked.set_negative_prompt("bad");
  for (const std::string& style : styles) asked.add_styles(style);
  return asked;
}

TEST(PromptRulesTest, StylesAreAppliedInOrderAndGone) {
  const Verdict verdict = Validate(Asking("a cat", {"oil", "framed"}), 7, Styles());
  ASSERT_THAT(verdict.violations, IsEmpty());
  EXPECT_EQ(verdict.resolved.prompt(), "a frame around a cat, oil painting");
  EXPECT_EQ(verdict.resolved.negative_prompt(), "bad, photo");
  EXPECT_THAT(verdict.resolved.styles(), IsEmpty());
}

TEST(PromptRulesTest, CommentsGoWithoutAnyStyleToo) {
  EXPECT_EQ(Validate(Asking(" a cat # mine\n", {})).resolved.prompt(), "a cat");
}

TEST(PromptRulesTest, StyledPromptResolvesToItself) {
  const ImageParameters resolved = Validate(Asking("", {"framed"}), 7, Styles()).resolved;
  EXPECT_EQ(resolved.prompt(), "a frame around");
  EXPECT_EQ(Validate(resolved).resolved.prompt(), "a frame around");
}

TEST(PromptRulesTest, UnknownStyleIsAnsweredWithTheKnownOnes) {
  const Verdict verdict = Validate(Asking("a cat", {"oil", "Framd"}), 7, Styles());
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.styles"));
  EXPECT_EQ(verdict.violations[0].description,
            "is \"Framd\", which is not a known style; did you mean \"framed\"? known: \"oil\", "
            "\"framed\", \"twice\"");
  EXPECT_THAT(Validate(Asking("a cat", {"oil"})).violations[0].description,
              HasSubstr("known: none"));
}

TEST(PromptRulesTest, AtMostSixteenStyles) {
  EXPECT_THAT(Validate(Asking("a", std::vector<std::string>(16, "oil")), 7, Styles()).violations,
              IsEmpty());
  const Verdict verdict = Validate(Asking("a", std::vector<std::string>(17, "oil")), 7, Styles());
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.styles"));
  EXPECT_THAT(verdict.violations[0].description, HasSubstr("has 17 names; at most 16"));
}

TEST(PromptRulesTest, StylesThatMakeThePromptTooLongAreRefused) {
  const Verdict verdict =
      Validate(Asking("four", std::vector<std::string>(11, "twice")), 7, Styles());
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.styles"));
  EXPECT_THAT(verdict.violations[0].description,
              HasSubstr("with the style 'twice' the prompt has 4112 bytes, more than 4096; name "
                        "fewer styles or shorten the prompt"));
}

}  // namespace
}  // namespace darkroom::server
