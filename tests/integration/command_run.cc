#include "tests/integration/command_run.h"

#include <signal.h>
#include <sys/wait.h>

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/file.h"
#include "common/ids.h"
#include "tests/integration/stack.h"

namespace darkroom::testing {
namespace {

constexpr absl::Duration kCommandPatience = absl::Seconds(60);

}  // namespace

std::string Content(const std::filesystem::path& path) {
  return ReadFile(path, 1 << 24).value_or("");
}

CommandRun::CommandRun(const std::filesystem::path& folder, const std::string& arguments)
    : out_(folder / absl::StrCat("out-", RandomId())),
      err_(folder / absl::StrCat("err-", RandomId())),
      child_(cli::ChildProcess::Start({"darkroom",
                                       {"/bin/sh", "-c",
                                        absl::StrCat("cd ", folder.string(), " && exec ",
                                                     (ProgramFolder() / "darkroom").string(), " ",
                                                     arguments, " >", out_.string())},
                                       err_})) {}

int CommandRun::Join() {
  if (!child_.ok()) return -1;
  const absl::Time last = absl::Now() + kCommandPatience;
  std::optional<int> status;
  while (!status.has_value() && absl::Now() < last) {
    status = child_->Poll();
    absl::SleepFor(absl::Milliseconds(10));
  }
  if (!status.has_value()) return -1;
  return WIFEXITED(*status) ? WEXITSTATUS(*status) : 128 + WTERMSIG(*status);
}

void CommandRun::Interrupt() { child_->Signal(SIGINT); }

bool CommandRun::AwaitError(const std::string& text) {
  return Eventually(kCommandPatience,
                    [&] {
                      return err().find(text) == std::string::npos ? absl::UnavailableError(err())
                                                                   : absl::OkStatus();
                    })
      .ok();
}

std::vector<std::string> CommandRun::lines() const {
  return absl::StrSplit(out(), '\n', absl::SkipEmpty());
}

}  // namespace darkroom::testing
