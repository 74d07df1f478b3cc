#ifndef DARKROOM_TOKENIZER_PROMPT_TOKENIZER_H_
#define DARKROOM_TOKENIZER_PROMPT_TOKENIZER_H_

#include "prompt/chunks.h"
#include "tokenizer/clip_tokenizer.h"

namespace darkroom::tokenizer {

// What prompt::ChunkPrompt asks of a model, without embeddings. `tokenizer` outlives the result,
// which is as little thread-safe.
prompt::PromptTokenizer MakePromptTokenizer(ClipTokenizer& tokenizer);

}  // namespace darkroom::tokenizer

#endif  // DARKROOM_TOKENIZER_PROMPT_TOKENIZER_H_
