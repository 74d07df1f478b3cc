#include "prompt/plan.h"

#include <utility>

#include "prompt/composition.h"

namespace darkroom::prompt {

PromptPlan PlanPrompt(absl::string_view prompt, const PassSteps& pass) {
  WithoutNetworks taken = TakeExtraNetworks(prompt);
  PromptPlan plan = {.parts = {}, .networks = std::move(taken.networks)};
  for (const WeightedText& part : SplitComposition(taken.text)) {
    plan.parts.push_back({part.weight, MakeSchedule(part.text, pass)});
  }
  return plan;
}

PromptPlan PlanNegativePrompt(absl::string_view negative_prompt, const PassSteps& pass) {
  return {.parts = {{1, MakeSchedule(negative_prompt, pass)}}, .networks = {}};
}

}  // namespace darkroom::prompt
