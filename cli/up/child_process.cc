#include "cli/up/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace darkroom::cli {
namespace {

constexpr absl::Duration kGlance = absl::Milliseconds(20);

// Runs in the child between fork and exec: async-signal-safe calls only.
[[noreturn]] void Execute(char* const* arguments, int log, int failure_pipe, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);  // the parent died before prctl
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(arguments[0], arguments);
  const int error = errno;
  (void)!write(failure_pipe, &error, sizeof(error));
  _exit(127);
}

}  // namespace

absl::StatusOr<ChildProcess> ChildProcess::Start(const ProcessSpec& spec) {
  const int log = open(spec.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", spec.log.string()));
  const absl::Cleanup close_log = [log] { close(log); };
  // exec closes it; until then it carries exec's error.
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "no pipe");
  const absl::Cleanup close_pipe = [&pipe_ends] { close(pipe_ends[0]); };
  std::vector<char*> arguments;
  for (const std::string& word : spec.arguments)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  // _Fork, not fork: the fork handlers of libraries with threads must not run.
  const pid_t pid = _Fork();
  if (pid == 0) Execute(arguments.data(), log, pipe_ends[1], parent);
  close(pipe_ends[1]);
  if (pid < 0) return absl::ErrnoToStatus(errno, "cannot start a process");
  ChildProcess child(pid);
  int error = 0;
  ssize_t got;
  do {
    got = read(pipe_ends[0], &error, sizeof(error));
  } while (got < 0 && errno == EINTR);
  if (got == sizeof(error)) {
    return absl::ErrnoToStatus(error, absl::StrCat("cannot run ", spec.arguments[0]));
  }
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), status_(other.status_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(status_, other.status_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ < 0 || Poll().has_value()) return;
  Signal(SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void ChildProcess::Signal(int signal) const {
  if (pid_ > 0 && !status_.has_value()) kill(pid_, signal);
}

std::optional<int> ChildProcess::Poll() {
  int status = 0;
  if (!status_.has_value() && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

int ChildProcess::Stop(absl::Duration grace) {
  Signal(SIGTERM);
  Signal(SIGCONT);  // a stopped process would not hear SIGTERM
  const absl::Time last = absl::Now() + grace;
  while (!Poll().has_value() && absl::Now() < last) absl::SleepFor(kGlance);
  Signal(SIGKILL);
  while (!Poll().has_value()) absl::SleepFor(kGlance);
  return *status_;
}

std::string ExitText(int wait_status) {
  if (!WIFSIGNALED(wait_status)) return absl::StrCat("exit status ", WEXITSTATUS(wait_status));
  const int number = WTERMSIG(wait_status);
  return absl::StrCat("signal ", number, " (", strsignal(number), ")");
}

}  // namespace darkroom::cli
