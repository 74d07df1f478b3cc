#ifndef DARKROOM_SERVER_CORE_TOKENIZER_CACHE_H_
#define DARKROOM_SERVER_CORE_TOKENIZER_CACHE_H_

#include <memory>

#include "server/core/document_cache.h"
#include "tokenizer/clip_tokenizer.h"

namespace darkroom::server {

// The tokenizers of models, by Model.tokenizer_digest.
using TokenizerCache = DocumentCache<tokenizer::ClipTokenizer>;

inline std::shared_ptr<TokenizerCache> MakeTokenizerCache(Loop& loop,
                                                          scheduler::ModelRegistry& registry) {
  return std::make_shared<TokenizerCache>(loop, registry, "tokenizer", reason::kNoTokenizer,
                                          &tokenizer::ClipTokenizer::Parse);
}

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_TOKENIZER_CACHE_H_
