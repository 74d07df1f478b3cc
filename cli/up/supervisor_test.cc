#include "cli/up/supervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/file.h"
#include "common/ids.h"

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(20);

class SupervisorTest : public ::testing::Test {
 protected:
  SupervisorTest() : folder_(std::filesystem::temp_directory_path() / RandomId()) {
    std::filesystem::create_directories(folder_);
    options_.restart.first_delay = absl::Milliseconds(1);
    options_.grace = kPatience;
    options_.tell = [this](absl::string_view sentence) { told_.emplace_back(sentence); };
  }
  ~SupervisorTest() override { std::filesystem::remove_all(folder_); }

  ProcessSpec Shell(const std::string& name, const std::string& script) const {
    return {name, {"/bin/sh", "-c", script}, folder_ / absl::StrCat(name, ".log")};
  }
  std::string Log(const std::string& name) const {
    return ReadFile(folder_ / absl::StrCat(name, ".log"), 1 << 20).value_or("");
  }
  // Polls until the log of a process holds a text; false after kPatience or an error.
  bool PollUntil(Supervisor& supervisor, const std::string& name, const std::string& text) {
    const absl::Time last = absl::Now() + kPatience;
    while (absl::Now() < last && supervisor.Poll().ok()) {
      if (Log(name).find(text) != std::string::npos) return true;
      absl::SleepFor(absl::Milliseconds(5));
    }
    return false;
  }

  const std::filesystem::path folder_;
  Supervisor::Options options_;
  std::vector<std::string> told_;
};

TEST_F(SupervisorTest, StartsAProcessAgainThatWasKilled) {
  Supervisor supervisor(options_);
  ASSERT_TRUE(supervisor.Add(Shell("sleeper", "echo I am $$; exec sleep 100")).ok());
  ASSERT_TRUE(PollUntil(supervisor, "sleeper", "I am"));
  const std::string first = Log("sleeper");
  const int pid = std::stoi(first.substr(5));
  kill(pid, SIGKILL);
  ASSERT_TRUE(PollUntil(supervisor, "sleeper", absl::StrCat(first, "I am")));
  EXPECT_THAT(told_, ElementsAre("the sleeper ended with signal 9 (Killed); starting it again"));
}

TEST_F(SupervisorTest, GivesUpOnAProcessThatKeepsEnding) {
  Supervisor supervisor(options_);
  ASSERT_TRUE(supervisor.Add(Shell("crasher", "echo the disk is full; exit 3")).ok());
  absl::Status status;
  for (const absl::Time last = absl::Now() + kPatience; status.ok() && absl::Now() < last;) {
    status = supervisor.Poll();
  }
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("the crasher keeps ending, at last with exit status 3"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("the disk is full"));
  EXPECT_EQ(told_.size(), static_cast<std::size_t>(options_.restart.most_deaths - 1));
}

TEST_F(SupervisorTest, StopsInReverseOrder) {
  // Each writes into the same file when it is asked to stop.
  const std::string order = (folder_ / "order").string();
  const auto script = [&order](const std::string& name) {
    return absl::StrCat("trap 'echo ", name, " >>", order,
                        "; exit 0' TERM; echo ready; while :; do sleep 0.01; done");
  };
  Supervisor supervisor(options_);
  for (const std::string name : {"first", "second", "third"}) {
    ASSERT_TRUE(supervisor.Add(Shell(name, script(name))).ok());
    ASSERT_TRUE(PollUntil(supervisor, name, "ready"));
  }
  supervisor.StopAll();
  EXPECT_EQ(*ReadFile(order, 1000), "third\nsecond\nfirst\n");
}

TEST_F(SupervisorTest, SaysWhichProgramCannotBeRun) {
  Supervisor supervisor(options_);
  const absl::Status status =
      supervisor.Add({"ghost", {(folder_ / "ghost").string()}, folder_ / "ghost.log"});
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr((folder_ / "ghost").string()));
}

TEST_F(SupervisorTest, ReadsTheEndOfALog) {
  ASSERT_TRUE(WriteFileAtomically(folder_ / "log", "one\ntwo\nthree\n").ok());
  EXPECT_EQ(LogTail(folder_ / "log", 100), "one\ntwo\nthree\n");
  EXPECT_EQ(LogTail(folder_ / "log", 8), "three\n");
  EXPECT_EQ(LogTail(folder_ / "none", 8), "");
}

TEST_F(SupervisorTest, KillsAChildThatDoesNotStopInTime) {
  auto child = ChildProcess::Start(Shell("deaf", "trap '' TERM; echo ready; while :; do :; done"));
  ASSERT_TRUE(child.ok());
  for (const absl::Time last = absl::Now() + kPatience;
       Log("deaf").empty() && absl::Now() < last;) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  const int status = child->Stop(absl::Milliseconds(10));
  EXPECT_EQ(ExitText(status), "signal 9 (Killed)");
}

TEST_F(SupervisorTest, StopsAChildThatIsSuspended) {
  auto child = ChildProcess::Start(Shell("suspended", "exec sleep 100"));
  ASSERT_TRUE(child.ok());
  child->Signal(SIGSTOP);
  EXPECT_EQ(ExitText(child->Stop(kPatience)), "signal 15 (Terminated)");
}

TEST_F(SupervisorTest, GivesChildrenNoInputAndADefaultSignalMask) {
  Supervisor supervisor(options_);
  ASSERT_TRUE(supervisor
                  .Add(Shell("child",
                             "read line; echo read $?; grep SigBlk /proc/self/status; "
                             "echo done; exec sleep 100"))
                  .ok());
  ASSERT_TRUE(PollUntil(supervisor, "child", "done"));
  EXPECT_THAT(Log("child"), HasSubstr("read 1\n"));
  EXPECT_THAT(Log("child"), HasSubstr("SigBlk:\t0000000000000000\n"));
}

TEST(RestartPolicyTest, DoublesTheDelayAndGivesUpAtTheLimit) {
  RestartPolicy policy({absl::Seconds(1), absl::Seconds(3), absl::Minutes(1), 5});
  const absl::Time now = absl::UnixEpoch();
  EXPECT_EQ(policy.OnDeath(now), now + absl::Seconds(1));
  EXPECT_EQ(policy.OnDeath(now), now + absl::Seconds(2));
  EXPECT_EQ(policy.OnDeath(now), now + absl::Seconds(3));
  EXPECT_EQ(policy.OnDeath(now), now + absl::Seconds(3));
  EXPECT_EQ(policy.OnDeath(now), std::nullopt);
}

TEST(RestartPolicyTest, ForgetsDeathsOutsideTheWindow) {
  RestartPolicy policy({absl::Seconds(1), absl::Seconds(3), absl::Minutes(1), 3});
  absl::Time now = absl::UnixEpoch();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(policy.OnDeath(now), now + absl::Seconds(1)) << i;
    now += absl::Minutes(2);
  }
}

}  // namespace
}  // namespace darkroom::cli
