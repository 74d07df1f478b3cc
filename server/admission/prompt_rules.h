#ifndef DARKROOM_SERVER_ADMISSION_PROMPT_RULES_H_
#define DARKROOM_SERVER_ADMISSION_PROMPT_RULES_H_

#include "server/admission/resolution.h"

namespace darkroom::server {

inline constexpr int kMaxPromptBytes = 4096;  // before and after styles
inline constexpr int kMaxStyles = 16;

// The prompts, with their styles applied and without comments and white space at their ends. Also
// refuses prompts that would cost too much to encode, and tags that would do nothing
// (adapter_rules.h). After sampler and steps, which prompt schedules depend on.
void ResolvePrompts(Resolution& request);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_PROMPT_RULES_H_
