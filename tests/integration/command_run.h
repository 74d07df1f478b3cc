#ifndef DARKROOM_TESTS_INTEGRATION_COMMAND_RUN_H_
#define DARKROOM_TESTS_INTEGRATION_COMMAND_RUN_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/up/supervisor.h"

namespace darkroom::testing {

// The bytes of a file; empty without it.
std::string Content(const std::filesystem::path& path);

// One run of a program; its streams go into files of `folder`.
class ProgramRun {
 public:
  // Runs a command line of the shell, which begins with the program's path, in folder `where`.
  ProgramRun(const std::filesystem::path& folder, const std::filesystem::path& where,
             const std::string& command);

  // Blocks until it ends; 128 + N for a signal N, -1 when it could not be started or hangs.
  int Join();
  void Interrupt();
  // Blocks until stderr holds the text; false when that takes too long.
  bool AwaitError(const std::string& text);

  std::string out() const { return Content(out_); }
  std::string err() const { return Content(err_); }
  std::vector<std::string> lines() const;

 private:
  std::filesystem::path out_;
  std::filesystem::path err_;
  absl::StatusOr<cli::ChildProcess> child_;
};

// One run of the `darkroom` program in `folder`.
class CommandRun : public ProgramRun {
 public:
  CommandRun(const std::filesystem::path& folder, const std::string& arguments);
};

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_INTEGRATION_COMMAND_RUN_H_
