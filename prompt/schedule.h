#ifndef DARKROOM_PROMPT_SCHEDULE_H_
#define DARKROOM_PROMPT_SCHEDULE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace darkroom::prompt {

// How many calls of the denoiser a pass makes. They are calls, not the request's steps: a sampler
// of second order makes two a step, so that integers of the prompt arrive twice as fast, as in the
// reference.
struct PassSteps {
  int steps = 1;
  // Set in a hires pass: integers of the prompt go on counting from this number, and fractions from
  // 1.0 to 2.0 address the pass.
  std::optional<int> first_pass_steps = std::nullopt;
};

struct ScheduleEntry {
  int end_step = 0;  // 1-based, inclusive
  std::string text;

  friend bool operator==(const ScheduleEntry&, const ScheduleEntry&) = default;
};

// What a prompt reads during a pass.
struct Schedule {
  std::vector<ScheduleEntry> entries;  // by end_step, which never repeats; the last ends the pass
  bool is_literal = false;             // the grammar had no answer, so the prompt is used as it is
};

// AUTOMATIC1111 modules/prompt_parser.py, get_learned_conditioning_prompt_schedules with
// use_old_scheduling off; edits.h has the grammar. At most max(1, steps) entries, each no longer
// than `text`: the caller bounds both.
Schedule MakeSchedule(absl::string_view text, const PassSteps& pass);

// The entry that the reference uses in the denoiser's call number `call`, counted from 0
// (reconstruct_cond_batch). It compares the 0-based call with the 1-based end, so that the first
// entry lasts one call more than its number says and the last one call less; "[a|b]" starts with a,
// a, b. An entry that ends with the pass is never reached if another ends one step before. Calls
// past the last end use entry 0 again.
std::size_t ActiveEntry(const Schedule& schedule, int call);

// The calls that use one entry, from `from` to before `until`; none where they are equal. Calls
// past the end of the pass are left out.
struct CallRange {
  int from = 0;
  int until = 0;
};
CallRange CallsOfEntry(const Schedule& schedule, std::size_t entry, int steps);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_SCHEDULE_H_
