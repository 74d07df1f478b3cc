#include "server/core/tokenizer_cache.h"

#include <algorithm>

#include "server/core/api_error.h"
#include "server/core/within.h"

namespace darkroom::server {
namespace {

constexpr absl::Duration kRetry = absl::Seconds(5);  // workers announce themselves as often

absl::Status NotPublished() {
  return WithRetry(ApiError(absl::StatusCode::kUnavailable, reason::kNoTokenizer,
                            "no worker has published the tokenizer of this model yet; try again"),
                   kRetry);
}

}  // namespace

void TokenizerCache::Get(const std::string& digest, Callback<Tokenizer> done) {
  if (digest.empty()) return done(NotPublished());
  if (Tokenizer found = Find(digest); found != nullptr) return done(std::move(found));
  registry_.GetTokenizer(
      digest, Within<std::string>(loop_, kStoreTimeout,
                                  [self = shared_from_this(), digest, done = std::move(done)](
                                      absl::StatusOr<std::string> bytes) mutable {
                                    if (absl::IsNotFound(bytes.status())) {
                                      return done(NotPublished());
                                    }
                                    if (!bytes.ok()) return done(StoreError(bytes.status()));
                                    done(self->Keep(digest, *bytes));
                                  }));
}

TokenizerCache::Tokenizer TokenizerCache::Find(const std::string& digest) {
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [&digest](const Entry& entry) { return entry.first == digest; });
  if (entry == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->second;
}

absl::StatusOr<TokenizerCache::Tokenizer> TokenizerCache::Keep(const std::string& digest,
                                                               const std::string& bytes) {
  // Calls that met have read it more than once.
  if (Tokenizer found = Find(digest); found != nullptr) return found;
  absl::StatusOr<tokenizer::ClipTokenizer> parsed = tokenizer::ClipTokenizer::Parse(bytes);
  if (!parsed.ok()) return StoreError(parsed.status());
  entries_.emplace_front(digest, std::make_shared<tokenizer::ClipTokenizer>(*std::move(parsed)));
  if (entries_.size() > kMost) entries_.pop_back();
  return entries_.front().second;
}

}  // namespace darkroom::server
