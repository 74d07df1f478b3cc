#include "prompt/warnings.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "prompt/attention.h"
#include "prompt/characters.h"

namespace darkroom::prompt {
namespace {

using Kind = Warning::Kind;

// Keeps the first of equal warnings.
class Warnings {
 public:
  void Add(Kind kind, std::string message) {
    Warning warning = {kind, std::move(message)};
    if (std::find(found_.begin(), found_.end(), warning) == found_.end()) {
      found_.push_back(std::move(warning));
    }
  }

  std::vector<Warning> Take() { return std::move(found_); }

 private:
  std::vector<Warning> found_;
};

void CheckAttention(absl::string_view text, Warnings* warnings) {
  const Attention attention = ParseAttention(text);
  if (attention.unclosed > 0) {
    warnings->Add(Kind::kUnclosedBracket,
                  "A bracket is never closed and weighs everything to the end of the prompt.");
  }
  if (attention.stray > 0) {
    warnings->Add(Kind::kStrayBracket, "A closing bracket closes nothing and is used as text.");
  }
  if (attention.malformed > 0) {
    warnings->Add(Kind::kMalformedWeight, "A weight is not a number and is used as text.");
  }
  for (const WeightedText& piece : attention.pieces) {
    if (piece.text == "BREAK" && !IsBreak(piece)) {
      warnings->Add(Kind::kNotABreak, "BREAK inside weighing brackets is used as a word.");
    }
  }
}

// Texts that no call reads. Those of a rotation longer than the pass are among them.
void CheckReach(const Schedule& schedule, const PassSteps& pass, Warnings* warnings) {
  std::set<absl::string_view> read;
  for (std::size_t i = 0; i < schedule.entries.size(); ++i) {
    const CallRange calls = CallsOfEntry(schedule, i, pass.steps);
    if (calls.from < calls.until) read.insert(schedule.entries[i].text);
  }
  for (const ScheduleEntry& entry : schedule.entries) {
    if (read.contains(entry.text)) continue;
    return warnings->Add(Kind::kNeverReached,
                         "A prompt edit comes too late: the text after it is never used.");
  }
}

void CheckParts(const PromptPlan& plan, const PassSteps& pass, Emphasis emphasis,
                Warnings* warnings) {
  for (const PlannedPart& part : plan.parts) {
    if (part.schedule.is_literal) {
      warnings->Add(Kind::kGrammarFailure,
                    "A | outside [a|b] or a backslash at the end of a line keeps prompt edits from "
                    "being read: all of it is used as it is written.");
    }
    CheckReach(part.schedule, pass, warnings);
    if (emphasis == Emphasis::kNone) continue;
    std::set<absl::string_view> checked;
    for (const ScheduleEntry& entry : part.schedule.entries) {
      if (checked.insert(entry.text).second) CheckAttention(entry.text, warnings);
    }
  }
}

void CheckNetworks(const std::vector<ExtraNetwork>& networks, Warnings* warnings) {
  for (const ExtraNetwork& network : networks) {
    const bool is_lora = network.kind == "lora" || network.kind == "lyco";
    if (is_lora && !ReadNetworkArguments(network).has_value()) {
      warnings->Add(Kind::kBadNetworkArguments,
                    absl::StrCat("A <", network.kind,
                                 ":> has no name or a multiplier that is no "
                                 "number: it is left out."));
    } else if (!is_lora && network.kind != "hypernet") {
      warnings->Add(Kind::kUnknownNetwork,
                    absl::StrCat("<", network.kind, ":> is no kind of network: it is left out."));
    }
  }
}

}  // namespace

std::vector<Warning> FindWarnings(const PromptPlan& plan, const PassSteps& pass,
                                  Emphasis emphasis) {
  Warnings warnings;
  CheckParts(plan, pass, emphasis, &warnings);
  CheckNetworks(plan.networks, &warnings);
  return warnings.Take();
}

std::vector<Warning> FindNegativeWarnings(absl::string_view negative_prompt, const PromptPlan& plan,
                                          const PassSteps& pass, Emphasis emphasis) {
  Warnings warnings;
  CheckParts(plan, pass, emphasis, &warnings);
  if (!TakeExtraNetworks(negative_prompt).networks.empty()) {
    warnings.Add(Kind::kNetworkInNegative, "A <kind:name> in a negative prompt is used as text.");
  }
  if (FindWord(negative_prompt, "AND", 0) != negative_prompt.npos) {
    warnings.Add(Kind::kCompositionInNegative, "AND in a negative prompt is used as a word.");
  }
  return warnings.Take();
}

}  // namespace darkroom::prompt
