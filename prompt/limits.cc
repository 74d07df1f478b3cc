#include "prompt/limits.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "prompt/attention.h"
#include "prompt/composition.h"
#include "prompt/extra_networks.h"

namespace darkroom::prompt {
namespace {

int CountBreaks(absl::string_view text) {
  const std::vector<WeightedText> pieces = ParseAttention(text).pieces;
  return static_cast<int>(std::count_if(pieces.begin(), pieces.end(), IsBreak));
}

// Adds the texts of one part.
void AddTexts(absl::string_view part, const PassSteps& pass, PromptSize* size) {
  if (size->variant_bytes > kMaxVariantBytes) return;
  const Schedule schedule = MakeSchedule(part, pass);
  std::set<absl::string_view> texts;
  for (const ScheduleEntry& entry : schedule.entries) {
    if (!texts.insert(entry.text).second) continue;
    size->variant_bytes += entry.text.size();
    if (size->variant_bytes > kMaxVariantBytes) return;
    size->breaks = std::max(size->breaks, CountBreaks(entry.text));
  }
}

}  // namespace

PromptSize MeasurePrompt(absl::string_view prompt, const PassSteps& pass) {
  const std::vector<WeightedText> parts = SplitComposition(TakeExtraNetworks(prompt).text);
  PromptSize size = {.parts = static_cast<int>(parts.size())};
  if (size.parts > kMaxParts) return size;
  for (const WeightedText& part : parts) AddTexts(part.text, pass, &size);
  return size;
}

PromptSize MeasureNegativePrompt(absl::string_view negative_prompt, const PassSteps& pass) {
  PromptSize size = {.parts = 1};
  AddTexts(negative_prompt, pass, &size);
  return size;
}

}  // namespace darkroom::prompt
