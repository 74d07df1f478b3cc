#include "cli/generate_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/ids.h"

namespace darkroom::cli {
namespace {

using ::testing::HasSubstr;

class GenerateOptionsTest : public ::testing::Test {
 protected:
  absl::StatusOr<darkroom::v1::GenerateImageRequest> Request(std::vector<std::string> arguments) {
    GenerateOptions options;
    OptionParser parser;
    options.Declare(parser);
    const auto parsed = parser.Parse(arguments);
    if (!parsed.ok()) return parsed.status();
    return options.Request("a red apple");
  }
};

TEST_F(GenerateOptionsTest, LeavesEverythingToTheServerByDefault) {
  const auto request = Request({});
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->parameters().prompt(), "a red apple");
  EXPECT_FALSE(request->parameters().has_width());
  EXPECT_FALSE(request->parameters().has_steps());
  EXPECT_FALSE(request->parameters().has_seed());
  EXPECT_FALSE(request->parameters().has_guidance_scale());
  EXPECT_FALSE(request->parameters().has_image_count());
  EXPECT_EQ(request->parameters().noise_source(), darkroom::v1::NOISE_SOURCE_PHILOX);
}

TEST_F(GenerateOptionsTest, GivesEveryRequestAnIdOfItsOwn) {
  const std::string first = Request({})->request_id();
  EXPECT_TRUE(IsRandomId(first));
  EXPECT_NE(first, Request({})->request_id());
  EXPECT_EQ(Request({"--request_id", "mine"})->request_id(), "mine");
}

TEST_F(GenerateOptionsTest, SetsEveryField) {
  const auto request =
      Request({"--negative", "blur",       "--model",     "demo",    "--width",
               "64",         "--height",   "72",          "--steps", "9",
               "--sampler",  "DDIM",       "--schedule",  "Karras",  "--seed",
               "-1",         "--guidance", "6.5",         "--count", "3",
               "--noise",    "mt19937",    "--clip_skip", "2",       "--preview_interval",
               "0"});
  ASSERT_TRUE(request.ok()) << request.status();
  const auto& parameters = request->parameters();
  EXPECT_EQ(parameters.negative_prompt(), "blur");
  EXPECT_EQ(parameters.model(), "demo");
  EXPECT_EQ(parameters.width(), 64);
  EXPECT_EQ(parameters.height(), 72);
  EXPECT_EQ(parameters.steps(), 9);
  EXPECT_EQ(parameters.sampler(), "DDIM");
  EXPECT_EQ(parameters.schedule(), "Karras");
  EXPECT_EQ(parameters.seed(), -1);
  EXPECT_EQ(parameters.guidance_scale(), 6.5);
  EXPECT_EQ(parameters.image_count(), 3);
  EXPECT_EQ(parameters.clip_skip(), 2);
  EXPECT_TRUE(parameters.has_preview_interval());
  EXPECT_EQ(parameters.preview_interval(), 0);
  EXPECT_EQ(parameters.noise_source(), darkroom::v1::NOISE_SOURCE_MT19937);
}

TEST_F(GenerateOptionsTest, RefusesWhatCannotBeSent) {
  EXPECT_THAT(std::string(Request({"--noise", "white"}).status().message()),
              HasSubstr("write philox or mt19937"));
  EXPECT_THAT(std::string(Request({"--steps", "4294967316"}).status().message()),
              HasSubstr("--steps: 4294967316 is too large"));
}

}  // namespace
}  // namespace darkroom::cli
