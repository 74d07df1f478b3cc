#ifndef DARKROOM_SERVER_CORE_EXPLANATION_VIEW_H_
#define DARKROOM_SERVER_CORE_EXPLANATION_VIEW_H_

#include "darkroom/v1/prompt_service.pb.h"
#include "prompt/explanation.h"

namespace darkroom::server {

// An explanation as the API shows it. Pure.
darkroom::v1::PromptExplanation ViewExplanation(const prompt::ExplainedPrompt& explained);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_EXPLANATION_VIEW_H_
