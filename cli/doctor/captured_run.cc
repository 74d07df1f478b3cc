#include "cli/doctor/captured_run.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace darkroom::cli {
namespace {

constexpr absl::Duration kGlance = absl::Milliseconds(5);

// All that was written into a file, from its beginning.
std::string ContentOf(int file) {
  std::string content;
  char block[4096];
  lseek(file, 0, SEEK_SET);
  for (ssize_t got = read(file, block, sizeof(block)); got > 0;
       got = read(file, block, sizeof(block))) {
    content.append(block, static_cast<std::size_t>(got));
  }
  return content;
}

// As waitpid tells it; nothing when it did not end in time.
absl::StatusOr<int> Wait(pid_t child, absl::Duration patience) {
  const absl::Time last = absl::Now() + patience;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (absl::Now() > last) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return absl::DeadlineExceededError("it has not ended in time");
    }
    absl::SleepFor(kGlance);
  }
  return status;
}

}  // namespace

absl::StatusOr<CapturedRun> RunCaptured(std::vector<std::string> arguments,
                                        absl::Duration patience) {
  // Files in memory: unlike pipes they never fill up while nobody reads.
  const int out = memfd_create("out", MFD_CLOEXEC);
  const int err = memfd_create("err", MFD_CLOEXEC);
  const absl::Cleanup closer = [out, err] {
    close(out);
    close(err);
  };
  if (out < 0 || err < 0) return absl::ErrnoToStatus(errno, "no file in memory");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const absl::Cleanup destroyer = [&actions] { posix_spawn_file_actions_destroy(&actions); };
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  pid_t child = 0;
  const int error = posix_spawnp(&child, words[0], &actions, nullptr, words.data(), environ);
  if (error != 0) return absl::ErrnoToStatus(error, absl::StrCat("cannot run ", arguments[0]));
  const absl::StatusOr<int> status = Wait(child, patience);
  if (!status.ok()) return status.status();
  return CapturedRun{
      .exit_status = WIFEXITED(*status) ? WEXITSTATUS(*status) : 128 + WTERMSIG(*status),
      .out = ContentOf(out),
      .err = ContentOf(err)};
}

}  // namespace darkroom::cli
