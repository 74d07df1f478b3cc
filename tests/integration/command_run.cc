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

ProgramRun::ProgramRun(const std::filesystem::path& folder, const std::filesystem::path& where,
                       const std::string& command)
    : out_(folder / absl::StrCat("out-", RandomId())),
      err_(folder / absl::StrCat("err-", RandomId())),
      child_(cli::ChildProcess::Start(
          {"program",
           {"/bin/sh", "-c",
            absl::StrCat("cd ", where.string(), " && exec ", command, " >", out_.string())},
           err_})) {}

CommandRun::CommandRun(const std::filesystem::path& folder, const std::string& arguments)
    : ProgramRun(folder, folder,
                 absl::StrCat((ProgramFolder() / "darkroom").string(), " ", arguments)) {}

int ProgramRun::Join() {
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

void ProgramRun::Interrupt() { child_->Signal(SIGINT); }

bool ProgramRun::AwaitError(const std::string& text) {
  return Eventually(kCommandPatience,
                    [&] {
                      return err().find(text) == std::string::npos ? absl::UnavailableError(err())
                                                                   : absl::OkStatus();
                    })
      .ok();
}

std::vector<std::string> ProgramRun::lines() const {
  return absl::StrSplit(out(), '\n', absl::SkipEmpty());
}

}  // namespace darkroom::testing
