#include "server/admission/adapter_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/testing/demo_adapters.h"
#include "server/testing/validating.h"

namespace darkroom::server {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class AdapterRulesTest : public testing::Test {
 protected:
  // What is wrong with the prompt.
  std::vector<std::string> Problems(const std::string& prompt) const {
    darkroom::v1::ImageParameters asked;
    asked.set_prompt(prompt);
    std::vector<std::string> problems;
    for (const FieldViolation& violation : Validate(asked, 7, styles_, &index_).violations) {
      EXPECT_EQ(violation.field, "parameters.prompt");
      problems.push_back(violation.description);
    }
    return problems;
  }

  const AdapterIndex index_ = AdapterIndex::Parse(DemoAdapterList()).value();
  const std::vector<prompt::Style> styles_ = {{"fine", "{prompt} <lora:detial:1>", ""}};
};

TEST_F(AdapterRulesTest, KnownLorasOfTheModelsFamilyAreTaken) {
  EXPECT_THAT(Problems("a cat <lora:detail:0.7> <lyco:detail_v2:1:0.5> <lora:untold>"), IsEmpty());
}

TEST_F(AdapterRulesTest, AnUnknownNameIsAnsweredWithTheNearestAndThoseThatFit) {
  EXPECT_THAT(
      Problems("<lora:detial:0.7>"),
      ElementsAre("has a <lora:> whose name is \"detial\", which is not a known LoRA; did you mean "
                  "\"detail\"? known: \"detail\", \"untold\""));
  EXPECT_THAT(Problems("<lyco:Detail:1>"), ElementsAre(HasSubstr("did you mean \"detail\"?")))
      << "case counts";
  EXPECT_THAT(Problems("<lora:bad:1>"), SizeIs(1)) << "an embedding is no LoRA";
}

TEST_F(AdapterRulesTest, TheSecondPassesPromptIsCheckedUnderItsOwnName) {
  darkroom::v1::ImageParameters asked;
  asked.set_prompt("a cat <lora:detail:1>");
  asked.mutable_hires_fix()->set_scale(1);
  asked.mutable_hires_fix()->set_prompt("a cat <lora:detial:1>");
  const std::vector<FieldViolation> violations = Validate(asked, 7, styles_, &index_).violations;
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_EQ(violations[0].field, "parameters.hires_fix.prompt");
}

TEST_F(AdapterRulesTest, ALoraForAnotherFamilyIsRefusedWithBothFamilies) {
  EXPECT_THAT(Problems("<lora:xl:0.7>"),
              ElementsAre("has a <lora:> with \"xl\", which is made for SDXL; the model Demo is "
                          "Stable Diffusion 1.x: choose another, or another model"));
  EXPECT_THAT(Problems("<lora:flux:1>"), ElementsAre(HasSubstr("made for Flux")));
}

TEST_F(AdapterRulesTest, ATagThatCannotBeReadIsRefused) {
  for (const char* tag : {"<lora:detail:much>", "<lora:te=1>", "<lyco:detail:1:nan>"}) {
    EXPECT_THAT(Problems(tag), ElementsAre(AllOf(HasSubstr("without a name, or with a strength"),
                                                 HasSubstr(":name:0.8>"))))
        << tag;
  }
}

TEST_F(AdapterRulesTest, ARankOfItsOwnIsRefused) {
  EXPECT_THAT(Problems("<lora:detail:1:1:8>"), ElementsAre(HasSubstr("a rank of its own (dyn)")));
}

TEST_F(AdapterRulesTest, AtMostThirtyTwoLorasAreCalled) {
  std::string prompt;
  for (int i = 0; i < 32; ++i) prompt += "<lora:detail:0.1>";
  EXPECT_THAT(Problems(prompt), IsEmpty());
  EXPECT_THAT(Problems(prompt + "<lyco:detail:0.1>"),
              ElementsAre("calls more than 32 LoRAs; take some out"));
}

TEST_F(AdapterRulesTest, HypernetworksAreRefusedAndUnknownKindsAreNot) {
  EXPECT_THAT(Problems("<hypernet:old:1>"), ElementsAre(HasSubstr("not supported here")));
  EXPECT_THAT(Problems("a <b:c>"), IsEmpty());
}

TEST_F(AdapterRulesTest, TagsInANegativePromptAreText) {
  darkroom::v1::ImageParameters asked;
  asked.set_negative_prompt("<lora:detial:1>");
  EXPECT_THAT(Validate(asked, 7, {}, &index_).violations, IsEmpty());
}

TEST_F(AdapterRulesTest, TagsOfStylesCount) {
  darkroom::v1::ImageParameters asked;
  asked.add_styles("fine");
  EXPECT_THAT(Fields(Validate(asked, 7, styles_, &index_)), ElementsAre("parameters.prompt"));
}

TEST_F(AdapterRulesTest, NoMoreThanThreeTagsAreReported) {
  EXPECT_THAT(Problems("<lora:a:1><lora:b:1><lora:c:1><lora:d:1>"), SizeIs(3));
}

}  // namespace
}  // namespace darkroom::server
