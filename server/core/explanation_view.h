#ifndef DARKROOM_SERVER_CORE_EXPLANATION_VIEW_H_
#define DARKROOM_SERVER_CORE_EXPLANATION_VIEW_H_

#include "absl/types/span.h"
#include "darkroom/v1/prompt_service.pb.h"
#include "prompt/explanation.h"
#include "tokenizer/embedding_names.h"

namespace darkroom::server {

// An explanation as the API shows it; `embeddings` are those that the tokenizer knew, by its index.
// Pure.
darkroom::v1::PromptExplanation ViewExplanation(
    const prompt::ExplainedPrompt& explained,
    absl::Span<const tokenizer::NamedEmbedding> embeddings);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_EXPLANATION_VIEW_H_
