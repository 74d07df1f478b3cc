#include "cli/doctor/service_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/doctor/check_matchers.h"

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;
using State = PortFacts::State;

TEST(ServiceChecksTest, ProgramsThatAreHereSayWhatIsWrong) {
  const std::vector<ProgramFacts> programs = {
      {.process = "gateway", .installed = true},
      {.process = "scheduler", .installed = true, .exit_status = 1, .complaints = "--pool: a\nb\n"},
      {.process = "worker"}};
  EXPECT_THAT(CheckPrograms(programs),
              ElementsAre(Found(Verdict::kOk, "gateway settings", "nothing is wrong"),
                          Found(Verdict::kProblem, "scheduler settings", "--pool: a; b")));
}

TEST(ServiceChecksTest, WhatAProgramStartsWithoutIsAWarning) {
  EXPECT_THAT(
      CheckPrograms({{.process = "worker", .installed = true, .complaints = "a model is damaged"}}),
      ElementsAre(Found(Verdict::kWarning, "worker settings", "a model is damaged")));
}

TEST(ServiceChecksTest, WithoutAnyProgramThereIsNothingToLookAt) {
  EXPECT_THAT(CheckPrograms({{.process = "gateway"}, {.process = "worker"}}),
              ElementsAre(Found(Verdict::kProblem, "programs", "neither")));
}

TEST(ServiceChecksTest, SettingsAreTheProcesssOwn) {
  const ProgramFacts program{.process = "gateway",
                             .settings = ParseConfig("x", "[gateway]\nlisten = 'a:1'\n")};
  EXPECT_EQ(SettingOf(program, "listen"), "a:1");
  EXPECT_EQ(SettingOf(program, "metrics_listen"), "");
}

TEST(ServiceChecksTest, PortsAreFreeOrOurs) {
  EXPECT_THAT(
      CheckPorts(
          {{"gateway", "listen", "127.0.0.1:1", State::kServing},
           {"gateway", "metrics_listen", "127.0.0.1:2", State::kFree},
           {"scheduler", "metrics_listen", "127.0.0.1:3", State::kTaken, "it speaks no HTTP"},
           {"worker", "metrics_listen", "192.0.2.1:4", State::kImpossible, "no such address"},
           {"worker", "metrics_listen", "127.0.0.1:5", State::kUnwell, "503"}}),
      ElementsAre(Found(Verdict::kOk, "gateway listen", "one answers"),
                  Found(Verdict::kOk, "gateway metrics_listen", "free"),
                  Found(Verdict::kProblem, "scheduler metrics_listen", "another program listens"),
                  Found(Verdict::kProblem, "worker metrics_listen", "cannot listen at 192.0.2.1:4"),
                  Found(Verdict::kWarning, "worker metrics_listen", "not as it should")));
}

TEST(ServiceChecksTest, TwoCannotHaveOneAddress) {
  EXPECT_THAT(CheckPorts({{"gateway", "metrics_listen", "127.0.0.1:2", State::kFree},
                          {"worker", "metrics_listen", "127.0.0.1:2", State::kFree}}),
              ElementsAre(Found(Verdict::kOk, "gateway metrics_listen", "free"),
                          Found(Verdict::kOk, "worker metrics_listen", "free"),
                          Found(Verdict::kProblem, "worker metrics_listen",
                                "127.0.0.1:2 is also metrics_listen of the gateway")));
  EXPECT_THAT(CheckPorts({{"gateway", "metrics_listen", "127.0.0.1:0", State::kFree},
                          {"worker", "metrics_listen", "127.0.0.1:0", State::kFree}}),
              ::testing::Each(::testing::Field(&Finding::verdict, Verdict::kOk)));
}

}  // namespace
}  // namespace darkroom::cli
