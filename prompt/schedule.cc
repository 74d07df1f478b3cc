#include "prompt/schedule.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "prompt/edits.h"

namespace darkroom::prompt {
namespace {

// The last step (1-based) with the first option; below 1 where there is none.
int SwitchStep(const Edit& edit, const PassSteps& pass) {
  const bool hires = pass.first_pass_steps.has_value();
  const double value = edit.is_fraction ? (edit.when - (hires ? 1.0 : 0.0)) * pass.steps
                                        : edit.when - pass.first_pass_steps.value_or(0);
  if (value >= pass.steps) return pass.steps;
  return static_cast<int>(std::max(value, -1.0));  // truncates, as Python's int()
}

// An edit with its numbers resolved to steps.
struct StepEdit {
  const Edit* edit;
  int switch_step;

  TextRange OptionAt(int step) const {
    if (edit->kind == Edit::Kind::kSwitch) return edit->options[step <= switch_step ? 0 : 1];
    const auto count = static_cast<int>(edit->options.size());
    const int option = (step - 1) % count;
    return edit->options[static_cast<std::size_t>(option < 0 ? option + count : option)];
  }
};

// The text at one step: options in place of edits, those of edits inside them likewise.
std::string TextAt(int step, absl::string_view text, const std::vector<StepEdit>& edits) {
  struct Inside {
    std::size_t option_end;
    std::size_t edit_end;
  };
  std::vector<Inside> inside;  // the options around `position`
  std::string result;
  auto next = edits.begin();  // the first edit at or after `position`
  std::size_t position = 0;
  while (position < text.size()) {
    while (next != edits.end() && next->edit->range.begin < position) ++next;
    if (!inside.empty() && position == inside.back().option_end) {
      position = inside.back().edit_end;
      inside.pop_back();
    } else if (next != edits.end() && next->edit->range.begin == position) {
      const TextRange option = next->OptionAt(step);
      inside.push_back({option.end, next->edit->range.end});
      position = option.begin;
    } else {
      std::size_t end = inside.empty() ? text.size() : inside.back().option_end;
      if (next != edits.end()) end = std::min(end, next->edit->range.begin);
      absl::StrAppend(&result, text.substr(position, end - position));
      position = end;
    }
  }
  return result;
}

// The steps (1-based) after which the text may be another one, in order.
std::vector<int> EndSteps(const std::vector<StepEdit>& edits, int steps) {
  std::vector<int> ends = {steps};
  bool rotates = false;
  for (const StepEdit& edit : edits) {
    rotates |= edit.edit->kind == Edit::Kind::kRotate;
    if (edit.edit->kind == Edit::Kind::kSwitch && edit.switch_step >= 1) {
      ends.push_back(edit.switch_step);
    }
  }
  for (int step = 1; rotates && step < steps; ++step) ends.push_back(step);
  std::sort(ends.begin(), ends.end());
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  return ends;
}

}  // namespace

Schedule MakeSchedule(absl::string_view text, const PassSteps& pass) {
  const std::optional<std::vector<Edit>> edits = ParseEdits(text);
  if (!edits.has_value()) {
    return {.entries = {{pass.steps, std::string(text)}}, .is_literal = true};
  }
  std::vector<StepEdit> resolved;
  for (const Edit& edit : *edits) resolved.push_back({&edit, SwitchStep(edit, pass)});
  Schedule schedule;
  for (const int end : EndSteps(resolved, pass.steps)) {
    schedule.entries.push_back({end, TextAt(end, text, resolved)});
  }
  return schedule;
}

std::size_t ActiveEntry(const Schedule& schedule, int call) {
  const auto found = std::lower_bound(
      schedule.entries.begin(), schedule.entries.end(), call,
      [](const ScheduleEntry& entry, int value) { return entry.end_step < value; });
  return found == schedule.entries.end()
             ? 0
             : static_cast<std::size_t>(found - schedule.entries.begin());
}

CallRange CallsOfEntry(const Schedule& schedule, std::size_t entry, int steps) {
  const int from = entry == 0 ? 0 : schedule.entries[entry - 1].end_step + 1;
  const int until = std::min(schedule.entries[entry].end_step + 1, steps);
  return {std::min(from, until), until};
}

}  // namespace darkroom::prompt
