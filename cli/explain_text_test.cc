#include "cli/explain_text.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace darkroom::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

darkroom::v1::ExplainPromptResponse Explanation(const std::string& text) {
  darkroom::v1::ExplainPromptResponse explanation;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      absl::StrCat(
          "parameters { model: 'models/demo' sampler: 'Euler' schedule: 'Automatic' steps: "
          "20 } denoiser_calls: 20 ",
          text),
      &explanation));
  return explanation;
}

// A part that one text is read for throughout.
std::string Part(const std::string& text) {
  return absl::StrCat("parts { weight: 1 entries { end_call: 20 } texts { ", text, " } } ");
}

const char kNothing[] =
    "negative_prompt { parts { weight: 1 entries { end_call: 20 } texts { chunks {} } } }";

TEST(ExplainTextTest, ShowsASimplePromptInAFewLines) {
  const auto explanation = Explanation(absl::StrCat(
      "prompt { ",
      Part("text: 'a (red:1.3) cat' chunks { tokens { text: 'a ' weight: 1 } tokens { text: 'red ' "
           "weight: 1.3 } tokens { text: 'cat ' weight: 1 } }"),
      "} ", kNothing));
  EXPECT_EQ(ExplanationText(explanation, {}),
            "models/demo, Euler, Automatic, 20 steps\n"
            "\n"
            "Prompt\n"
            "└─ a (red:1.3) cat\n"
            "   └─ 3 of 75 tokens\n"
            "         a  red×1.3  cat\n"
            "\n"
            "Negative prompt\n"
            "└─ (empty)\n"
            "   └─ 0 of 75 tokens");
}

TEST(ExplainTextTest, ShowsPartsAndWhichStepsReadWhat) {
  const auto explanation = Explanation(absl::StrCat(
      "prompt { parts { weight: 1 entries { end_call: 11 } entries { first_call: 11 end_call: 20 "
      "text_index: 1 } texts { text: 'cat' chunks {} } texts { text: 'dog' chunks {} chunks {} } } "
      "parts { weight: -0.5 entries { end_call: 20 } texts { text: 'fog' chunks {} } } "
      "extra_networks { kind: 'lora' arguments: 'ink' arguments: '0.7' named_arguments { key: 'te' "
      "value: '1' } } warnings: 'a bracket is open' } ",
      kNothing));
  EXPECT_THAT(ExplanationText(explanation, {}), HasSubstr("Prompt\n"
                                                          "├─ part 1\n"
                                                          "│  ├─ steps 1-11: cat\n"
                                                          "│  │  └─ 0 of 75 tokens\n"
                                                          "│  └─ steps 12-20: dog\n"
                                                          "│     ├─ chunk 1: 0 of 75 tokens\n"
                                                          "│     └─ chunk 2: 0 of 75 tokens\n"
                                                          "├─ part 2×-0.5\n"
                                                          "│  └─ fog\n"
                                                          "│     └─ 0 of 75 tokens\n"
                                                          "├─ tag lora: ink, 0.7, te=1\n"
                                                          "└─ warning: a bracket is open\n"));
}

TEST(ExplainTextTest, CountsCallsWhereAStepMakesSeveral) {
  auto explanation = Explanation(absl::StrCat(
      "prompt { parts { weight: 1 entries { end_call: 1 } entries { first_call: 1 end_call: 40 "
      "text_index: 1 } entries { first_call: 40 end_call: 40 text_index: 2 } texts { text: 'a' } "
      "texts { text: 'b' } texts { text: 'c' } } } ",
      kNothing));
  explanation.set_denoiser_calls(40);
  const std::string text = ExplanationText(explanation, {});
  EXPECT_THAT(text, HasSubstr("20 steps, which call the denoiser 40 times\n"));
  EXPECT_THAT(text, HasSubstr("├─ call 1: a\n│  └─ too long to show its tokens\n"));
  EXPECT_THAT(text, HasSubstr("├─ calls 2-40: b\n"));
  EXPECT_THAT(text, HasSubstr("└─ never: c\n"));
}

TEST(ExplainTextTest, ShortensTheCallsOfAnAlternation) {
  std::string entries;
  for (int i = 0; i < 20; ++i) {
    absl::StrAppend(&entries, "entries { first_call: ", i, " end_call: ", i + 1,
                    " text_index: ", i % 2, " } ");
  }
  const auto explanation =
      Explanation(absl::StrCat("prompt { parts { weight: 1 ", entries,
                               "texts { text: 'a' } texts { text: 'b' } } } ", kNothing));
  EXPECT_THAT(ExplanationText(explanation, {}),
              HasSubstr("steps 1, 3, 5, 7, 9, 11, 13, …, 19: a\n"));
}

TEST(ExplainTextTest, BreaksLongLines) {
  std::string tokens;
  for (int i = 0; i < 6; ++i) absl::StrAppend(&tokens, "tokens { text: 'wonder ' weight: 1 } ");
  const auto explanation = Explanation(absl::StrCat(
      "prompt { ",
      Part(absl::StrCat("text: 'a prompt of many words, a b c' chunks { ", tokens, "}")), "} ",
      kNothing));
  EXPECT_THAT(ExplanationText(explanation, {.columns = 36}),
              HasSubstr("└─ a prompt of many words,\n"
                        "   │  a b c\n"
                        "   └─ 6 of 75 tokens\n"
                        "         wonder  wonder  wonder\n"
                        "         wonder  wonder  wonder\n"));
}

TEST(ExplainTextTest, ShowsWhereWordsAreCut) {
  const auto explanation = Explanation(absl::StrCat(
      "prompt { ",
      Part(
          "text: ' x ' chunks { tokens { text: 'hedge' weight: 1.2 } tokens { text: 'hog ' weight: "
          "1.2 } tokens { text: 'a' weight: 2 } tokens { text: 'b ' weight: 1 } tokens { text: "
          "'cut' weight: 1.5 } }"),
      "} ", kNothing));
  EXPECT_THAT(ExplanationText(explanation, {}),
              HasSubstr("└─ x\n"
                        "   └─ 5 of 75 tokens\n"
                        "         hedge·hog×1.2  a×2·b  cut×1.5\n"));
}

TEST(ExplainTextTest, ShowsAnEmbeddingAsOneThingOfSoManyTokens) {
  const auto explanation = Explanation(absl::StrCat(
      "prompt { ",
      Part("text: 'a (bad hands:1.1) b' chunks { tokens { text: 'a ' weight: 1 } tokens { "
           "embedding: "
           "'bad hands' weight: 1.1 } tokens { embedding: 'bad hands' weight: 1.1 } tokens { text: "
           "'b ' weight: 1 } }"),
      "} ", kNothing));
  EXPECT_THAT(ExplanationText(explanation, {}), HasSubstr("   └─ 4 of 75 tokens\n"
                                                          "         a  {bad hands: 2}×1.1  b\n"));
}

TEST(ExplainTextTest, UsesColoursOnlyWhenAsked) {
  const auto explanation =
      Explanation(absl::StrCat("prompt { ", Part("text: 'x'"), "warnings: 'odd' } ", kNothing));
  EXPECT_THAT(ExplanationText(explanation, {}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(ExplanationText(explanation, {.colours = true}),
              HasSubstr("\x1b[33mwarning: odd\x1b[0m"));
}

TEST(ExplainTextTest, KeepsControlCharactersFromTheTerminal) {
  const auto explanation = Explanation(absl::StrCat(
      "prompt { ", Part("text: 'a\\nb\\033[2J' chunks { tokens { text: '\\033' weight: 1 } }"),
      "} ", kNothing));
  const std::string text = ExplanationText(explanation, {});
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("a b [2J"));
}

}  // namespace
}  // namespace darkroom::cli
