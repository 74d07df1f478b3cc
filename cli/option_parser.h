#ifndef DARKROOM_CLI_OPTION_PARSER_H_
#define DARKROOM_CLI_OPTION_PARSER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace darkroom::cli {

// How an option appears in the help.
struct OptionText {
  std::string name;         // without dashes: "clip_skip"
  std::string value;        // what stands for its value in the help: "N"
  std::string help;         // one line
  std::string environment;  // variable that gives the value when the command line does not
};

// The options of one subcommand. An option writes to a variable that outlives the parser; the
// variable's value before parsing is the default.
//
// Understood: --name value, --name=value, --switch, "--" before arguments that begin with dashes.
// Dashes inside a name count as underscores. Options and arguments may be mixed.
class OptionParser {
 public:
  // Is given the value that was written, "" for a switch.
  using Setter = std::function<absl::Status(absl::string_view value)>;

  // Options that are added from here on stand under this heading in the help: "Noise".
  void BeginGroup(absl::string_view heading);

  void Add(OptionText text, bool* target);  // a switch, without a value
  void Add(OptionText text, std::string* target);
  void Add(OptionText text, std::optional<std::string>* target);
  void Add(OptionText text, std::vector<std::string>* target);  // may be repeated
  void Add(OptionText text, std::int64_t* target);
  void Add(OptionText text, std::optional<std::int64_t>* target);
  void Add(OptionText text, std::optional<double>* target);
  // Written as "90s", "2m"; a bare number is seconds.
  void Add(OptionText text, absl::Duration* target);
  void Add(OptionText text, Setter set);  // a switch when text.value is empty

  // Sets the variables and returns the arguments that are not options. INVALID_ARGUMENT, with a
  // message that names the option, for anything that is not understood.
  absl::StatusOr<std::vector<std::string>> Parse(absl::Span<const std::string> arguments) const;

  // One line an option, below its heading, which is "Options" where none was given, and aligned
  // with others of its group. Every line ends in a line feed; there is an empty one between groups.
  std::string Help() const;

 private:
  struct Option {
    OptionText text;
    bool is_switch = false;
    Setter set;
    std::size_t group = 0;  // headings before it
  };

  void Add(OptionText text, bool is_switch, Setter set);
  const Option* Find(absl::string_view name) const;
  std::string Suggestion(absl::string_view name) const;
  absl::Status TakeEnvironment() const;

  std::vector<Option> options_;
  std::vector<std::string> headings_;
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_OPTION_PARSER_H_
