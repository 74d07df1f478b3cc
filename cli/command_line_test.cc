#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Notes what it was run with.
class EchoCommand final : public Command {
 public:
  explicit EchoCommand(absl::string_view arguments) : arguments_(arguments) {}

  CommandText text() const override {
    return {"echo", arguments_, "Say it again", "Says it again.", "  darkroom echo hello\n"};
  }
  void Declare(OptionParser& options) override { options.Add({"loud", "", "shout", ""}, &loud); }
  ExitCode Run(const std::vector<std::string>& arguments) override {
    ran = true;
    positional = arguments;
    return ExitCode::kJobFailed;
  }

  bool ran = false;
  bool loud = false;
  std::vector<std::string> positional;

 private:
  absl::string_view arguments_;
};

class CommandLineTest : public ::testing::Test {
 protected:
  explicit CommandLineTest(absl::string_view arguments = "TEXT") {
    auto echo = std::make_unique<EchoCommand>(arguments);
    echo_ = echo.get();
    commands_.push_back(std::move(echo));
  }

  // The exit status and what was written to the two streams.
  int Run(std::vector<std::string> arguments) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const ExitCode code = RunCommandLine(commands_, arguments);
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return static_cast<int>(code);
  }

  EchoCommand* echo_;
  Commands commands_;
  std::string out_, err_;
};

class TwoArgumentsTest : public CommandLineTest {
 protected:
  TwoArgumentsTest() : CommandLineTest("WORD [TEXT]") {}
};

class OptionalArgumentTest : public CommandLineTest {
 protected:
  OptionalArgumentTest() : CommandLineTest("[TEXT]") {}
};

TEST_F(CommandLineTest, RunsTheCommandAndReturnsItsExitStatus) {
  EXPECT_EQ(Run({"echo", "hello", "--loud"}), 5);
  EXPECT_THAT(echo_->positional, ElementsAre("hello"));
  EXPECT_TRUE(echo_->loud);
}

TEST_F(CommandLineTest, PrintsHelpOnStdoutWhenAsked) {
  EXPECT_EQ(Run({"help"}), 0);
  EXPECT_THAT(out_, HasSubstr("  echo TEXT          Say it again\n"));
  EXPECT_THAT(out_, HasSubstr("130 interrupted"));
  EXPECT_THAT(err_, IsEmpty());
  const std::string program_help = out_;
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_EQ(out_, program_help);
}

TEST_F(CommandLineTest, ExplainsACommandWithExamples) {
  EXPECT_EQ(Run({"help", "echo"}), 0);
  EXPECT_THAT(out_, HasSubstr("Usage: darkroom echo TEXT"));
  EXPECT_THAT(out_, HasSubstr("--loud  shout"));
  EXPECT_THAT(out_, HasSubstr("darkroom echo hello"));
  const std::string command_help = out_;
  EXPECT_EQ(Run({"echo", "--help"}), 0);
  EXPECT_EQ(out_, command_help);
  EXPECT_FALSE(echo_->ran);
}

TEST_F(CommandLineTest, AnswersWrongUsageOnStderrWithStatusTwo) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{}, "Usage: darkroom COMMAND"},
      {{"shout"}, "there is no command \"shout\""},
      {{"help", "shout"}, "there is no command \"shout\""},
      {{"echo"}, "echo needs TEXT"},
      {{"echo", "two", "words"}, "unexpected argument \"words\""},
      {{"echo", "x", "--lout"}, "unknown option --lout; did you mean --loud?"},
  };
  for (const auto& [arguments, message] : cases) {
    EXPECT_EQ(Run(arguments), 2) << message;
    EXPECT_THAT(err_, HasSubstr(message));
    EXPECT_THAT(out_, IsEmpty());
  }
  EXPECT_FALSE(echo_->ran);
}

TEST_F(CommandLineTest, PrintsItsVersion) {
  EXPECT_EQ(Run({"--version"}), 0);
  EXPECT_THAT(out_, ::testing::MatchesRegex("darkroom [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_F(OptionalArgumentTest, RunsWithAndWithoutIt) {
  EXPECT_EQ(Run({"echo"}), 5);
  EXPECT_THAT(echo_->positional, IsEmpty());
  EXPECT_EQ(Run({"echo", "x"}), 5);
  EXPECT_THAT(echo_->positional, ElementsAre("x"));
}

TEST_F(TwoArgumentsTest, TheSecondMayBeLeftOutAndAThirdIsTooMany) {
  EXPECT_EQ(Run({"echo", "a"}), 5);
  EXPECT_EQ(Run({"echo", "a", "b"}), 5);
  EXPECT_THAT(echo_->positional, ElementsAre("a", "b"));
  EXPECT_EQ(Run({"echo"}), 2);
  EXPECT_THAT(err_, HasSubstr("echo needs WORD"));
  EXPECT_EQ(Run({"echo", "a", "b", "c"}), 2);
  EXPECT_THAT(err_, HasSubstr("unexpected argument \"c\""));
}

}  // namespace
}  // namespace darkroom::cli
