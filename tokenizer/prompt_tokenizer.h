#ifndef DARKROOM_TOKENIZER_PROMPT_TOKENIZER_H_
#define DARKROOM_TOKENIZER_PROMPT_TOKENIZER_H_

#include "prompt/chunks.h"
#include "tokenizer/clip_tokenizer.h"
#include "tokenizer/embedding_names.h"

namespace darkroom::tokenizer {

// What prompt::ChunkPrompt asks of a model, without embeddings or with these. What is given
// outlives the result, which is as little thread-safe.
prompt::PromptTokenizer MakePromptTokenizer(ClipTokenizer& tokenizer);
prompt::PromptTokenizer MakePromptTokenizer(ClipTokenizer& tokenizer,
                                            const EmbeddingNames& embeddings);

}  // namespace darkroom::tokenizer

#endif  // DARKROOM_TOKENIZER_PROMPT_TOKENIZER_H_
