#include "cli/option_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class OptionParserTest : public ::testing::Test {
 protected:
  OptionParserTest() {
    parser_.Add({"steps", "N", "sampling steps", ""}, &steps_);
    parser_.Add({"clip_skip", "N", "layer", ""}, &clip_skip_);
    parser_.Add({"guidance", "SCALE", "strength", ""}, &guidance_);
    parser_.Add({"json", "", "print JSON", ""}, &json_);
    parser_.Add({"server", "HOST:PORT", "the gateway", "DARKROOM_OPTION_TEST"}, &server_);
    parser_.Add({"extra", "TEXT", "repeatable", ""}, &extra_);
    parser_.Add({"timeout", "TIME", "give up", ""}, &timeout_);
  }
  ~OptionParserTest() override { unsetenv("DARKROOM_OPTION_TEST"); }

  std::string Error(std::vector<std::string> arguments) {
    return std::string(parser_.Parse(arguments).status().message());
  }

  OptionParser parser_;
  std::optional<std::int64_t> steps_, clip_skip_;
  std::optional<double> guidance_;
  bool json_ = false;
  std::string server_ = "default";
  std::vector<std::string> extra_;
  absl::Duration timeout_ = absl::InfiniteDuration();
};

TEST_F(OptionParserTest, MixesOptionsAndArguments) {
  const auto positional =
      parser_.Parse({"a red apple", "--steps", "30", "--guidance=7.5", "--json", "more"});
  ASSERT_TRUE(positional.ok()) << positional.status();
  EXPECT_THAT(*positional, ElementsAre("a red apple", "more"));
  EXPECT_EQ(steps_, 30);
  EXPECT_EQ(guidance_, 7.5);
  EXPECT_TRUE(json_);
  EXPECT_EQ(server_, "default");
}

TEST_F(OptionParserTest, TakesDashesForUnderscores) {
  ASSERT_TRUE(parser_.Parse({"--clip-skip", "2"}).ok());
  EXPECT_EQ(clip_skip_, 2);
}

TEST_F(OptionParserTest, TakesWhatFollowsAnOptionAsItsValueEvenWhenNegative) {
  ASSERT_TRUE(parser_.Parse({"--steps", "-1"}).ok());
  EXPECT_EQ(steps_, -1);
}

TEST_F(OptionParserTest, TakesEverythingAfterTwoDashesAsArguments) {
  const auto positional = parser_.Parse({"--json", "--", "--steps", "--"});
  ASSERT_TRUE(positional.ok());
  EXPECT_THAT(*positional, ElementsAre("--steps", "--"));
  EXPECT_EQ(steps_, std::nullopt);
}

TEST_F(OptionParserTest, GathersARepeatedOption) {
  ASSERT_TRUE(parser_.Parse({"--extra", "a", "--extra=b"}).ok());
  EXPECT_THAT(extra_, ElementsAre("a", "b"));
}

TEST_F(OptionParserTest, ReadsTimes) {
  ASSERT_TRUE(parser_.Parse({"--timeout", "1m30s"}).ok());
  EXPECT_EQ(timeout_, absl::Seconds(90));
  ASSERT_TRUE(parser_.Parse({"--timeout", "2.5"}).ok());
  EXPECT_EQ(timeout_, absl::Milliseconds(2500));
  for (const char* wrong : {"soon", "-3s", "0", "inf"}) {
    EXPECT_THAT(Error({"--timeout", wrong}), HasSubstr("is not a time"));
  }
}

TEST_F(OptionParserTest, PrefersTheCommandLineToTheEnvironment) {
  setenv("DARKROOM_OPTION_TEST", "from the environment", 1);
  ASSERT_TRUE(parser_.Parse({}).ok());
  EXPECT_EQ(server_, "from the environment");
  ASSERT_TRUE(parser_.Parse({"--server", "from the command line"}).ok());
  EXPECT_EQ(server_, "from the command line");
}

TEST_F(OptionParserTest, NamesWhatItDoesNotUnderstand) {
  EXPECT_THAT(Error({"--step", "3"}), HasSubstr("unknown option --step; did you mean --steps?"));
  EXPECT_EQ(Error({"--frobnicate"}), "unknown option --frobnicate");
  EXPECT_EQ(Error({"--steps"}), "--steps needs a value: --steps N");
  EXPECT_EQ(Error({"--steps", "many"}), "--steps: \"many\" is not a whole number");
  EXPECT_EQ(Error({"--steps=7x"}), "--steps: \"7x\" is not a whole number");
  EXPECT_EQ(Error({"--guidance", ""}), "--guidance: \"\" is not a number");
  EXPECT_EQ(Error({"--json=yes"}), "--json takes no value");
}

TEST_F(OptionParserTest, ExplainsEveryOptionOnAnAlignedLine) {
  const std::string help = parser_.Help();
  EXPECT_THAT(help, HasSubstr("  --steps N           sampling steps\n"));
  EXPECT_THAT(help, HasSubstr("  --json              print JSON\n"));
  EXPECT_THAT(help, HasSubstr("  --server HOST:PORT  the gateway [DARKROOM_OPTION_TEST]\n"));
}

TEST_F(OptionParserTest, PutsHeadingsOverGroupsAndAlignsEach) {
  OptionParser parser;
  bool loud = false;
  std::string name;
  parser.Add({"loud", "", "shout", ""}, &loud);
  parser.BeginGroup("Rarely needed");
  parser.Add({"name", "TEXT", "what to shout", ""}, &name);
  EXPECT_EQ(parser.Help(),
            "Options:\n  --loud  shout\n\nRarely needed:\n  --name TEXT  what to shout\n");
}

TEST_F(OptionParserTest, HandsValuesToAFunction) {
  OptionParser parser;
  std::vector<std::string> values;
  const auto take = [&values](absl::string_view value) {
    values.emplace_back(value);
    return value == "wrong" ? absl::InvalidArgumentError("not that") : absl::OkStatus();
  };
  parser.Add({"value", "TEXT", "", ""}, take);
  parser.Add({"switch", "", "", ""}, take);
  ASSERT_TRUE(parser.Parse({"--value", "x", "--switch", "--value=y"}).ok());
  EXPECT_THAT(values, ElementsAre("x", "", "y"));
  EXPECT_EQ(parser.Parse({"--value", "wrong"}).status().message(), "--value: not that");
}

}  // namespace
}  // namespace darkroom::cli
