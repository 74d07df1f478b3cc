#ifndef DARKROOM_COMMON_SETTINGS_H_
#define DARKROOM_COMMON_SETTINGS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace darkroom {

// The settings of a process, which are its flags. What the command line does not say the
// environment does, as in ParseFlags; what neither says, the file of settings (config_file.h) that
// --config or DARKROOM_CONFIG names; and then there are defaults.
//
// Linking this library defines the flags --config and --check_config, so only main programs do.
class Settings {
 public:
  // Sets all flags. `table` is the process's in the file. A key that is no flag, a value that is
  // none of its flag, and what ParseFlags refuses end the process with status 2, after messages
  // about all of them on stderr.
  static Settings Parse(absl::string_view table, absl::string_view usage, int argc, char** argv);

  // --check_config: the process only says what it would go by.
  bool only_check() const;

  // Prints on stdout every setting, as such a file that begins with the process's table, and behind
  // each where it comes from; on stderr the messages of `checks` that are not OK. Returns the exit
  // status: 0 when all are, else 1. Passwords and keys are in files of their own and not printed.
  int Report(absl::Span<const absl::Status> checks) const;

 private:
  Settings(absl::string_view table, std::string file) : table_(table), file_(std::move(file)) {}
  // Sets what the file says; prints what is wrong with it, and is false then.
  bool TakeFile();

  std::string table_;
  std::string file_;                            // its path; empty: none
  std::map<std::string, std::string> origins_;  // by flag: where a value that is no default is from
};

// The first that is not OK.
absl::Status FirstError(absl::Span<const absl::Status> statuses);

// The same error with "--flag: " before its message.
absl::Status OfFlag(absl::string_view flag, const absl::Status& status);

}  // namespace darkroom

#endif  // DARKROOM_COMMON_SETTINGS_H_
