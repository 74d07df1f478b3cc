#include "server/admission/prompt_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "prompt/limits.h"
#include "server/admission/adapter_rules.h"
#include "server/admission/denoiser_work.h"
#include "server/admission/name_choice.h"

namespace darkroom::server {
namespace {

using prompt::PromptPair;
using prompt::Style;

bool CheckLength(absl::string_view field, absl::string_view text, ViolationList& violations) {
  if (text.size() <= kMaxPromptBytes) return true;
  violations.Add(field, absl::StrCat("has ", text.size(), " bytes of UTF-8; at most ",
                                     kMaxPromptBytes, " are allowed, shorten it"));
  return false;
}

// The styles that the request names; none of them when one is bad.
std::vector<Style> FindStyles(Resolution& request) {
  const auto& names = request.asked.styles();
  if (names.size() > kMaxStyles) {
    request.violations.Add("styles", absl::StrCat("has ", names.size(), " names; at most ",
                                                  kMaxStyles, " are allowed"));
    return {};
  }
  const absl::Span<const Style> known = request.catalogue.styles;
  std::vector<Style> styles;
  for (const std::string& name : names) {
    const auto style = std::find_if(known.begin(), known.end(),
                                    [&name](const Style& style) { return style.name == name; });
    if (style == known.end()) {
      std::vector<std::string> known_names;
      for (const Style& other : known) known_names.push_back(other.name);
      request.violations.Add("styles", DescribeUnknownName("style", name, known_names));
      return {};
    }
    styles.push_back(*style);
  }
  return styles;
}

// Nothing, and a violation, where a style makes a prompt too long.
std::optional<PromptPair> Styled(const PromptPair& asked, const std::vector<Style>& styles,
                                 Resolution& request) {
  absl::StatusOr<PromptPair> styled = prompt::ApplyStyles(asked, styles, kMaxPromptBytes);
  // Once more, because "{prompt}" may have stood at an end: the result has to resolve to itself.
  if (styled.ok()) styled = prompt::ApplyStyles(*styled, {}, kMaxPromptBytes);
  if (styled.ok()) return *std::move(styled);
  request.violations.Add("styles", absl::StrCat("cannot be applied: ", styled.status().message(),
                                                "; name fewer styles or shorten the prompt"));
  return std::nullopt;
}

void CheckPromptSize(absl::string_view field, const prompt::PromptSize& size,
                     ViolationList& violations) {
  if (size.parts > prompt::kMaxParts) {
    violations.Add(field, absl::StrCat("has ", size.parts, " parts joined by AND; at most ",
                                       prompt::kMaxParts, " are allowed, join fewer"));
  }
  if (size.breaks > prompt::kMaxBreaks) {
    violations.Add(field, absl::StrCat("has ", size.breaks, " BREAKs in one text; at most ",
                                       prompt::kMaxBreaks, " are allowed, take some out"));
  }
  if (size.variant_bytes > prompt::kMaxVariantBytes) {
    violations.Add(
        field, absl::StrCat("has edits and alternations that make different texts of more than ",
                            prompt::kMaxVariantBytes,
                            " bytes in all; use fewer of them, shorten the prompt or take fewer "
                            "steps"));
  }
}

// What the prompts ask of the text encoder in a pass; `of` goes before the names of its fields.
void CheckSizes(absl::string_view of, const PromptPair& pair, const prompt::PassSteps& pass,
                ViolationList& violations) {
  CheckPromptSize(absl::StrCat(of, "prompt"), prompt::MeasurePrompt(pair.prompt, pass), violations);
  CheckPromptSize(absl::StrCat(of, "negative_prompt"),
                  prompt::MeasureNegativePrompt(pair.negative_prompt, pass), violations);
}

// After those of the first pass. A prompt that is the same is left out, as that is what it means.
void ResolveHiresPrompts(const std::vector<Style>& styles, Resolution& request) {
  const darkroom::v1::HiresFix& asked = request.asked.hires_fix();
  const bool prompt_good = CheckLength("hires_fix.prompt", asked.prompt(), request.violations);
  const bool negative_good =
      CheckLength("hires_fix.negative_prompt", asked.negative_prompt(), request.violations);
  if (!prompt_good || !negative_good) return;
  const bool same_prompt = asked.prompt().empty();
  const bool same_negative = asked.negative_prompt().empty();
  std::optional<PromptPair> styled =
      Styled({same_prompt ? request.asked.prompt() : asked.prompt(),
              same_negative ? request.asked.negative_prompt() : asked.negative_prompt()},
             styles, request);
  if (!styled.has_value()) return;
  if (!request.violations.Blames("steps") && !request.violations.Blames("hires_fix.steps")) {
    CheckSizes("hires_fix.", *styled,
               {.steps = ScheduledCalls(request.resolved.hires_fix()),
                .first_pass_steps = ScheduledCalls(request.resolved)},
               request.violations);
  }
  darkroom::v1::HiresFix& hires = *request.resolved.mutable_hires_fix();
  hires.clear_prompt();
  hires.clear_negative_prompt();
  if (styled->prompt != request.resolved.prompt()) {
    CheckAdapters("hires_fix.prompt", styled->prompt, request);
    hires.set_prompt(std::move(styled->prompt));
  }
  if (styled->negative_prompt != request.resolved.negative_prompt()) {
    hires.set_negative_prompt(std::move(styled->negative_prompt));
  }
}

}  // namespace

void ResolvePrompts(Resolution& request) {
  const std::vector<Style> styles = FindStyles(request);
  request.resolved.clear_styles();
  const bool prompt_good = CheckLength("prompt", request.asked.prompt(), request.violations);
  const bool negative_good =
      CheckLength("negative_prompt", request.asked.negative_prompt(), request.violations);
  if (!prompt_good || !negative_good) return;
  std::optional<PromptPair> styled =
      Styled({request.asked.prompt(), request.asked.negative_prompt()}, styles, request);
  if (!styled.has_value()) return;
  if (!request.violations.Blames("steps")) {
    CheckSizes("", *styled, {.steps = ScheduledCalls(request.resolved)}, request.violations);
  }
  CheckAdapters("prompt", styled->prompt, request);
  request.resolved.set_prompt(std::move(styled->prompt));
  request.resolved.set_negative_prompt(std::move(styled->negative_prompt));
  if (request.resolved.has_hires_fix()) ResolveHiresPrompts(styles, request);
}

}  // namespace darkroom::server
