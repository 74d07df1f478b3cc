#ifndef DARKROOM_CLI_UP_SUPERVISOR_H_
#define DARKROOM_CLI_UP_SUPERVISOR_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/up/child_process.h"
#include "cli/up/restart_policy.h"

namespace darkroom::cli {

// Keeps processes running, in the order in which they were added, and stops them in reverse. It has
// no thread: the owner calls Poll a few times a second. Used on the main thread.
class Supervisor {
 public:
  struct Options {
    RestartPolicy::Limits restart;
    absl::Duration grace;  // between SIGTERM and SIGKILL
    // Told about deaths and restarts, in a sentence.
    std::function<void(absl::string_view)> tell;
  };

  explicit Supervisor(Options options) : options_(std::move(options)) {}
  // Stops everything.
  ~Supervisor() { StopAll(); }
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Starts a process and looks after it from now on.
  absl::Status Add(ProcessSpec spec);

  // Starts again what has died. ABORTED when a process keeps dying; the message holds the end of
  // its log.
  absl::Status Poll();

  // Returns when all have ended.
  void StopAll();

 private:
  struct Supervised {
    ProcessSpec spec;
    RestartPolicy policy;
    std::optional<ChildProcess> child;  // nothing while it waits to be started again
    absl::Time due;
  };

  absl::Status Look(Supervised& process);

  const Options options_;
  std::vector<std::unique_ptr<Supervised>> processes_;
};

// As much of a log as an error shows.
inline constexpr std::size_t kLogTailBytes = 2000;
// The last lines of a log file, at most `bytes` bytes; empty when it cannot be read.
std::string LogTail(const std::filesystem::path& log, std::size_t bytes);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_UP_SUPERVISOR_H_
