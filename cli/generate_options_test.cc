#include "cli/generate_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/ids.h"

namespace darkroom::cli {
namespace {

using darkroom::v1::ImageParameters;
using ::testing::HasSubstr;

class GenerateOptionsTest : public ::testing::Test {
 protected:
  absl::StatusOr<darkroom::v1::GenerateImageRequest> Request(
      std::vector<std::string> arguments, std::optional<std::string> prompt = "a red apple",
      const ImageParameters& base = {}) {
    GenerateOptions options;
    OptionParser parser;
    options.Declare(parser);
    const auto parsed = parser.Parse(arguments);
    if (!parsed.ok()) return parsed.status();
    return options.Request(prompt, base);
  }
};

TEST_F(GenerateOptionsTest, LeavesEverythingToTheServerByDefault) {
  const auto request = Request({});
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->parameters().ShortDebugString(), "prompt: \"a red apple\"");
}

TEST_F(GenerateOptionsTest, GivesEveryRequestAnIdOfItsOwn) {
  const std::string first = Request({})->request_id();
  EXPECT_TRUE(IsRandomId(first));
  EXPECT_NE(first, Request({})->request_id());
  EXPECT_EQ(Request({"--request_id", "mine"})->request_id(), "mine");
}

TEST_F(GenerateOptionsTest, SendsWhatWasWrittenAndNothingElse) {
  const auto request =
      Request({"--steps", "9", "--eta", "0", "--style", "ink", "--style", "old", "--steps", "12",
               "--discard_next_to_last_sigma", "--preview_interval", "0"});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->parameters().ShortDebugString(),
            "prompt: \"a red apple\" steps: 12 preview_interval: 0 sampler_options { eta: 0 } "
            "schedule_options { discard_next_to_last_sigma: true } styles: \"ink\" styles: "
            "\"old\"");
}

TEST_F(GenerateOptionsTest, GoBeforeTheParametersOfAnEarlierPicture) {
  ImageParameters earlier;
  earlier.set_prompt("a boat");
  earlier.set_negative_prompt("people");
  earlier.set_steps(20);
  earlier.set_seed(7);
  earlier.mutable_variation()->set_seed(8);
  earlier.mutable_variation()->set_strength(0.5);
  const auto request = Request({"--negative", "", "--variation_strength", "0", "--steps", "30"},
                               std::nullopt, earlier);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->parameters().ShortDebugString(),
            "prompt: \"a boat\" steps: 30 seed: 7 variation { seed: 8 }");
  EXPECT_EQ(Request({}, "", earlier)->parameters().prompt(), "") << "an empty prompt is one";
}

TEST_F(GenerateOptionsTest, RefusesWhatCannotBeSent) {
  EXPECT_THAT(std::string(Request({"--noise", "white"}).status().message()),
              HasSubstr("--noise: \"white\" is not known; write philox or mt19937"));
  EXPECT_THAT(std::string(Request({"--steps", "4294967316"}).status().message()),
              HasSubstr("--steps: \"4294967316\" is too large"));
}

TEST_F(GenerateOptionsTest, CanBeDeclaredInPart) {
  PictureOptions picture;
  OptionParser parser;
  picture.DeclareEveryday(parser, {"count"});
  EXPECT_TRUE(parser.Parse({"--steps", "3"}).ok());
  EXPECT_FALSE(parser.Parse({"--count", "3"}).ok());
  EXPECT_FALSE(parser.Parse({"--eta", "1"}).ok());
}

}  // namespace
}  // namespace darkroom::cli
