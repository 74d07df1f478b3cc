#ifndef DARKROOM_SERVER_CORE_TOKENIZER_CACHE_H_
#define DARKROOM_SERVER_CORE_TOKENIZER_CACHE_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "common/await.h"
#include "scheduler/core/model_registry.h"
#include "server/core/loop.h"
#include "tokenizer/clip_tokenizer.h"

namespace darkroom::server {

// The tokenizers of models, read from the registry once and kept by digest: the last kMost that
// were asked for. Loop thread only; callbacks run there, once.
class TokenizerCache : public std::enable_shared_from_this<TokenizerCache> {
 public:
  static constexpr std::size_t kMost = 8;  // some megabytes each

  using Tokenizer = std::shared_ptr<tokenizer::ClipTokenizer>;

  // Both outlive the cache.
  TokenizerCache(Loop& loop, scheduler::ModelRegistry& registry)
      : loop_(loop), registry_(registry) {}

  // Errors are ApiErrors: UNAVAILABLE while no worker has published the tokenizer, which they do
  // again and again, or the store cannot be reached.
  void Get(const std::string& digest, Callback<Tokenizer> done);

 private:
  using Entry = std::pair<std::string, Tokenizer>;

  // Null when it is not there.
  Tokenizer Find(const std::string& digest);
  absl::StatusOr<Tokenizer> Keep(const std::string& digest, const std::string& bytes);

  Loop& loop_;
  scheduler::ModelRegistry& registry_;
  std::list<Entry> entries_;  // last used first
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_TOKENIZER_CACHE_H_
