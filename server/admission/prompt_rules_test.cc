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

std::string Repeated(const std::string& text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

TEST(PromptRulesTest, AtMostSixteenPartsAreJoined) {
  EXPECT_THAT(Validate(Asking("a" + Repeated(" AND a", 15), {})).violations, IsEmpty());
  const Verdict verdict = Validate(Asking("a" + Repeated(" AND a", 16), {}));
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.prompt"));
  EXPECT_THAT(verdict.violations[0].description,
              HasSubstr("has 17 parts joined by AND; at most 16 are allowed"));
}

TEST(PromptRulesTest, AtMostSixtyFourBreaksAreInATextOfEitherPrompt) {
  ImageParameters asked = Asking("a" + Repeated(" BREAK a", 64), {});
  EXPECT_THAT(Validate(asked).violations, IsEmpty());
  asked.set_prompt("a");
  asked.set_negative_prompt("a" + Repeated(" BREAK a", 65));
  const Verdict verdict = Validate(asked);
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.negative_prompt"));
  EXPECT_THAT(verdict.violations[0].description, HasSubstr("at most 64"));
}

TEST(PromptRulesTest, VariantsAreLimitedTogetherForTheCallsThatAreMade) {
  std::string rotation = "[0";
  for (int i = 1; i < 60; ++i) rotation += "|" + std::to_string(i);
  ImageParameters asked = Asking(rotation + "]" + std::string(2000, 'a'), {});
  asked.set_steps(20);
  EXPECT_THAT(Validate(asked).violations, IsEmpty());
  asked.set_steps(60);
  const Verdict verdict = Validate(asked);
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.prompt"));
  EXPECT_THAT(verdict.violations[0].description, HasSubstr("more than 65536 bytes in all"));
}

TEST(PromptRulesTest, StylesCountForTheLimits) {
  const std::vector<prompt::Style> styles = {{"many", Repeated("a AND ", 16) + "{prompt}", ""}};
  EXPECT_THAT(Fields(Validate(Asking("b", {"many"}), 7, styles)), ElementsAre("parameters.prompt"));
}

}  // namespace
}  // namespace darkroom::server
