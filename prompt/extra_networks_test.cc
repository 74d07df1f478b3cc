#include "prompt/extra_networks.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::prompt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

ExtraNetwork OnlyNetwork(absl::string_view prompt) {
  WithoutNetworks taken = TakeExtraNetworks(prompt);
  EXPECT_EQ(taken.networks.size(), 1u) << prompt;
  return taken.networks.empty() ? ExtraNetwork() : taken.networks[0];
}

TEST(ExtraNetworks, TagsOfEveryKindAreTakenOut) {
  const WithoutNetworks taken = TakeExtraNetworks("a <lora:x:0.5>, b<hypernet:y><other:1:2:3> c");
  EXPECT_EQ(taken.text, "a , b c");
  ASSERT_EQ(taken.networks.size(), 3u);
  EXPECT_EQ(taken.networks[0].kind, "lora");
  EXPECT_THAT(taken.networks[0].positional, ElementsAre("x", "0.5"));
  EXPECT_EQ(taken.networks[1].kind, "hypernet");
  EXPECT_THAT(taken.networks[2].positional, ElementsAre("1", "2", "3"));
}

TEST(ExtraNetworks, ArgumentsWithOneEqualsSignAreNamed) {
  const ExtraNetwork network = OnlyNetwork("<lora:x:te=0.5:a=b=c:=:unet=1>");
  EXPECT_THAT(network.positional, ElementsAre("x", "a=b=c"));
  EXPECT_THAT(network.named, ElementsAre(Pair("te", "0.5"), Pair("", ""), Pair("unet", "1")));
}

TEST(ExtraNetworks, OtherAngleBracketsAreText) {
  for (const char* text : {"a < b > c", "<lora>", "<lora:>", "<:x>", "<lo ra:x>", "<lora:x", "<<>>",
                           "< lora:x>", "<3", "<\xFFlora:x>"}) {
    const WithoutNetworks taken = TakeExtraNetworks(text);
    EXPECT_EQ(taken.text, text);
    EXPECT_THAT(taken.networks, IsEmpty());
  }
}

TEST(ExtraNetworks, ATagEndsAtTheFirstBracketAndMayHoldAnything) {
  EXPECT_THAT(OnlyNetwork("<lora:a\n<b: c>>").positional, ElementsAre("a\n<b", " c"));
  EXPECT_EQ(TakeExtraNetworks("<lora:a>>").text, ">");
  EXPECT_EQ(TakeExtraNetworks("<a <lora:x>").text, "<a ");
  EXPECT_EQ(TakeExtraNetworks("<lora:><lora:x>").text, "<lora:>");
  EXPECT_EQ(OnlyNetwork("<ло_2:x>").kind, "ло_2");
}

TEST(ExtraNetworks, ManyOpenBracketsAreNoProblem) {
  std::string prompt;
  for (int i = 0; i < 1000; ++i) prompt += "<a:b";
  EXPECT_EQ(TakeExtraNetworks(prompt).text, prompt);
  EXPECT_EQ(TakeExtraNetworks(prompt + ">").text, "");
}

TEST(NetworkArguments, AMultiplierServesBothModels) {
  const auto arguments = ReadNetworkArguments(OnlyNetwork("<lora:x:0.5>"));
  ASSERT_TRUE(arguments.has_value());
  EXPECT_EQ(arguments->name, "x");
  EXPECT_EQ(arguments->text_encoder_multiplier, 0.5);
  EXPECT_EQ(arguments->unet_multiplier, 0.5);
  EXPECT_EQ(arguments->dynamic_rank, std::nullopt);
  EXPECT_EQ(ReadNetworkArguments(OnlyNetwork("<lora:x>"))->unet_multiplier, 1);
}

TEST(NetworkArguments, MayBeNamed) {
  const auto arguments = ReadNetworkArguments(OnlyNetwork("<lora:x:0.5:0.7:8:te=2:dyn=16>"));
  ASSERT_TRUE(arguments.has_value());
  EXPECT_EQ(arguments->text_encoder_multiplier, 2);
  EXPECT_EQ(arguments->unet_multiplier, 0.7);
  EXPECT_EQ(arguments->dynamic_rank, 16);
  EXPECT_EQ(ReadNetworkArguments(OnlyNetwork("<lora:x:te=2>"))->unet_multiplier, 2);
  EXPECT_EQ(ReadNetworkArguments(OnlyNetwork("<lora:x:te=2:te=3>"))->text_encoder_multiplier, 3);
}

TEST(NetworkArguments, WithoutANameOrWithANumberThatIsNoneThereAreNone) {
  for (const char* tag : {"<lora:te=1>", "<lora:x:strong>", "<lora:x:1:1:0.5>", "<lora:x:unet=>",
                          "<lora:x:nan>", "<lora:x:1e999>"}) {
    EXPECT_EQ(ReadNetworkArguments(OnlyNetwork(tag)).has_value(), false) << tag;
  }
}

}  // namespace
}  // namespace darkroom::prompt
