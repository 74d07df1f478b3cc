#ifndef DARKROOM_CLI_UP_CHILD_PROCESS_H_
#define DARKROOM_CLI_UP_CHILD_PROCESS_H_

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace darkroom::cli {

// What to run.
struct ProcessSpec {
  std::string name;                    // "worker", for messages
  std::vector<std::string> arguments;  // the first is the program's absolute path
  std::filesystem::path log;           // stdout and stderr are appended here
};

// A running child of this process. It has a process group of its own, so that a terminal's Ctrl-C
// reaches only the parent, /dev/null as stdin, and is killed when the thread that started it ends:
// start children on the main thread. Used on one thread.
class ChildProcess {
 public:
  // NOT_FOUND or PERMISSION_DENIED when the program cannot be executed; errors of the log file.
  static absl::StatusOr<ChildProcess> Start(const ProcessSpec& spec);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  // Kills and reaps the child if it still runs.
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  // Nothing happens when the child has been reaped.
  void Signal(int signal) const;
  // How it ended, as waitpid tells it; nullopt while it runs. Reaps it.
  std::optional<int> Poll();
  // SIGTERM, and SIGKILL when it is still there after `grace`. Returns how it ended.
  int Stop(absl::Duration grace);

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_;
  std::optional<int> status_;
};

// "exit status 1", "signal 9 (Killed)".
std::string ExitText(int wait_status);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_UP_CHILD_PROCESS_H_
