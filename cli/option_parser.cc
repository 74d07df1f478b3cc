#include "cli/option_parser.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "cli/option_value.h"
#include "common/edit_distance.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

// "--steps: ..." before what the value's parser says.
absl::Status Blame(absl::string_view source, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat(source, ": ", status.message()));
}

}  // namespace

void OptionParser::Add(OptionText text, bool is_switch, Setter set) {
  options_.push_back({std::move(text), is_switch, std::move(set), headings_.size()});
}

void OptionParser::Add(OptionText text, Setter set) {
  const bool is_switch = text.value.empty();
  Add(std::move(text), is_switch, std::move(set));
}

void OptionParser::BeginGroup(absl::string_view heading) { headings_.emplace_back(heading); }

void OptionParser::Add(OptionText text, bool* target) {
  Add(std::move(text), true, [target](absl::string_view) {
    *target = true;
    return absl::OkStatus();
  });
}

void OptionParser::Add(OptionText text, std::string* target) {
  Add(std::move(text), false, [target](absl::string_view value) {
    *target = std::string(value);
    return absl::OkStatus();
  });
}

void OptionParser::Add(OptionText text, std::optional<std::string>* target) {
  Add(std::move(text), false, [target](absl::string_view value) {
    *target = std::string(value);
    return absl::OkStatus();
  });
}

void OptionParser::Add(OptionText text, std::vector<std::string>* target) {
  Add(std::move(text), false, [target](absl::string_view value) {
    target->emplace_back(value);
    return absl::OkStatus();
  });
}

void OptionParser::Add(OptionText text, std::int64_t* target) {
  Add(std::move(text), false,
      [target](absl::string_view value) { return ParseValue(value, *target); });
}

void OptionParser::Add(OptionText text, std::optional<std::int64_t>* target) {
  Add(std::move(text), false,
      [target](absl::string_view value) { return ParseValue(value, target->emplace()); });
}

void OptionParser::Add(OptionText text, std::optional<double>* target) {
  Add(std::move(text), false,
      [target](absl::string_view value) { return ParseValue(value, target->emplace()); });
}

void OptionParser::Add(OptionText text, absl::Duration* target) {
  Add(std::move(text), false,
      [target](absl::string_view value) { return ParseValue(value, *target); });
}

const OptionParser::Option* OptionParser::Find(absl::string_view name) const {
  const std::string wanted = absl::StrReplaceAll(name, {{"-", "_"}});
  for (const Option& option : options_) {
    if (option.text.name == wanted) return &option;
  }
  return nullptr;
}

std::string OptionParser::Suggestion(absl::string_view name) const {
  std::size_t nearest = 3;  // farther than two edits is another word
  std::string suggestion;
  for (const Option& option : options_) {
    const std::size_t distance = EditDistance(name, option.text.name);
    if (distance >= nearest) continue;
    nearest = distance;
    suggestion = absl::StrCat("; did you mean --", option.text.name, "?");
  }
  return suggestion;
}

absl::Status OptionParser::TakeEnvironment() const {
  for (const Option& option : options_) {
    if (option.text.environment.empty()) continue;
    const char* value = std::getenv(option.text.environment.c_str());
    if (value == nullptr || *value == '\0') continue;
    DARKROOM_RETURN_IF_ERROR(Blame(option.text.environment, option.set(value)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> OptionParser::Parse(
    absl::Span<const std::string> arguments) const {
  DARKROOM_RETURN_IF_ERROR(TakeEnvironment());  // before the command line, which overrides it
  std::vector<std::string> positional;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    absl::string_view word = arguments[i];
    if (word == "--") {
      positional.insert(positional.end(), arguments.begin() + i + 1, arguments.end());
      break;
    }
    if (!absl::ConsumePrefix(&word, "--")) {
      positional.emplace_back(word);
      continue;
    }
    const std::size_t equals = word.find('=');
    const absl::string_view name = word.substr(0, equals);
    const Option* option = Find(name);
    if (option == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("unknown option --", name, Suggestion(name)));
    }
    absl::string_view value;
    if (equals != absl::string_view::npos) {
      if (option->is_switch) {
        return absl::InvalidArgumentError(absl::StrCat("--", name, " takes no value"));
      }
      value = word.substr(equals + 1);
    } else if (!option->is_switch) {
      if (++i == arguments.size()) {
        return absl::InvalidArgumentError(
            absl::StrCat("--", name, " needs a value: --", name, " ", option->text.value));
      }
      value = arguments[i];
    }
    DARKROOM_RETURN_IF_ERROR(Blame(absl::StrCat("--", name), option->set(value)));
  }
  return positional;
}

std::string OptionParser::Help() const {
  const auto name_of = [](const Option& option) {
    return absl::StrCat("--", option.text.name, option.is_switch ? "" : " ", option.text.value);
  };
  std::vector<std::size_t> widths(headings_.size() + 1);  // by group
  for (const Option& option : options_) {
    widths[option.group] = std::max(widths[option.group], name_of(option).size());
  }
  std::string help;
  const Option* previous = nullptr;
  for (const Option& option : options_) {
    if (previous == nullptr || previous->group != option.group) {
      absl::StrAppend(&help, previous == nullptr ? "" : "\n",
                      option.group == 0 ? "Options" : headings_[option.group - 1], ":\n");
    }
    previous = &option;
    absl::StrAppendFormat(&help, "  %-*s  %s", static_cast<int>(widths[option.group]),
                          name_of(option), option.text.help);
    if (!option.text.environment.empty()) {
      absl::StrAppend(&help, " [", option.text.environment, "]");
    }
    help += '\n';
  }
  return help;
}

}  // namespace darkroom::cli
