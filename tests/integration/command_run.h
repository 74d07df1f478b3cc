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

// One run of the `darkroom` program; its streams go into files of `folder`, where it runs.
class CommandRun {
 public:
  CommandRun(const std::filesystem::path& folder, const std::string& arguments);

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

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_INTEGRATION_COMMAND_RUN_H_
