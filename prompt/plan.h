#ifndef DARKROOM_PROMPT_PLAN_H_
#define DARKROOM_PROMPT_PLAN_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "prompt/extra_networks.h"
#include "prompt/schedule.h"

namespace darkroom::prompt {

// One of the texts whose guidance adds up to a prompt's.
struct PlannedPart {
  double weight = 1;
  Schedule schedule;
};

// What a styled prompt asks of the model: which texts to encode, when to use which, and which
// networks to load. Each entry's text then goes through ChunkPrompt.
struct PromptPlan {
  std::vector<PlannedPart> parts;  // at least one
  std::vector<ExtraNetwork> networks;
};

// In the reference's order: networks are taken out, the rest is split at AND, each part scheduled.
PromptPlan PlanPrompt(absl::string_view prompt, const PassSteps& pass);

// A negative prompt has a schedule and nothing else: one part of weight 1.
PromptPlan PlanNegativePrompt(absl::string_view negative_prompt, const PassSteps& pass);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_PLAN_H_
