#ifndef DARKROOM_PROMPT_WARNINGS_H_
#define DARKROOM_PROMPT_WARNINGS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "prompt/emphasis.h"
#include "prompt/plan.h"

namespace darkroom::prompt {

// Something a prompt says that its writer may have meant otherwise. Nothing is wrong with it: every
// prompt has a picture.
struct Warning {
  enum class Kind {
    kGrammarFailure,        // [a|b] or [a:b:n] cannot be read, all is literal
    kUnclosedBracket,       // weighs everything to the end
    kStrayBracket,          // is text
    kMalformedWeight,       // (x:1.2.3)
    kNotABreak,             // BREAK in brackets is a word
    kNeverReached,          // a text that no call of the denoiser uses
    kUnknownNetwork,        // a <kind:> other than lora, lyco and hypernet
    kBadNetworkArguments,   // a <lora:> that cannot be read
    kNetworkInNegative,     // is text
    kCompositionInNegative  // AND is a word
  };

  Kind kind = Kind::kGrammarFailure;
  std::string message;  // one sentence

  friend bool operator==(const Warning&, const Warning&) = default;
};

// Of a positive prompt's plan; at most one of a kind and subject.
std::vector<Warning> FindWarnings(const PromptPlan& plan, const PassSteps& pass, Emphasis emphasis);

// Of a negative prompt and its plan.
std::vector<Warning> FindNegativeWarnings(absl::string_view negative_prompt, const PromptPlan& plan,
                                          const PassSteps& pass, Emphasis emphasis);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_WARNINGS_H_
