#ifndef DARKROOM_SERVER_CORE_DOCUMENT_CACHE_H_
#define DARKROOM_SERVER_CORE_DOCUMENT_CACHE_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/await.h"
#include "scheduler/core/model_registry.h"
#include "server/core/api_error.h"
#include "server/core/loop.h"
#include "server/core/within.h"

namespace darkroom::server {

// Documents that the records of models name, read from the registry once and kept by digest, as
// what Parse makes of them: the last kMost that were asked for. Loop thread only; callbacks run
// there, once.
template <typename Value>
class DocumentCache : public std::enable_shared_from_this<DocumentCache<Value>> {
 public:
  static constexpr std::size_t kMost = 8;  // some megabytes each

  using Pointer = std::shared_ptr<Value>;
  using Parse = std::function<absl::StatusOr<Value>(const std::string& bytes)>;

  // Loop and registry outlive the cache. `kind` is what the document is called in the error for one
  // that is not there, and `reason` that error's.
  DocumentCache(Loop& loop, scheduler::ModelRegistry& registry, absl::string_view kind,
                absl::string_view reason, Parse parse)
      : loop_(loop), registry_(registry), kind_(kind), reason_(reason), parse_(std::move(parse)) {}

  // Errors are ApiErrors: UNAVAILABLE while no worker has published the document, which they do
  // again and again, or the store cannot be reached.
  void Get(const std::string& digest, Callback<Pointer> done) {
    if (digest.empty()) return done(NotPublished());
    if (Pointer found = Find(digest); found != nullptr) return done(std::move(found));
    registry_.GetDocument(
        digest,
        Within<std::string>(loop_, kStoreTimeout,
                            [self = this->shared_from_this(), digest,
                             done = std::move(done)](absl::StatusOr<std::string> bytes) mutable {
                              if (absl::IsNotFound(bytes.status())) {
                                return done(self->NotPublished());
                              }
                              if (!bytes.ok()) return done(StoreError(bytes.status()));
                              done(self->Keep(digest, *bytes));
                            }));
  }

 private:
  using Entry = std::pair<std::string, Pointer>;

  absl::Status NotPublished() const {
    constexpr absl::Duration kRetry = absl::Seconds(5);  // workers announce themselves as often
    return WithRetry(ApiError(absl::StatusCode::kUnavailable, reason_,
                              absl::StrCat("no worker has published the ", kind_,
                                           " of this model yet; try again")),
                     kRetry);
  }

  // Null when it is not there.
  Pointer Find(const std::string& digest) {
    const auto entry =
        std::find_if(entries_.begin(), entries_.end(),
                     [&digest](const Entry& entry) { return entry.first == digest; });
    if (entry == entries_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, entry);
    return entry->second;
  }

  absl::StatusOr<Pointer> Keep(const std::string& digest, const std::string& bytes) {
    // Calls that met have read it more than once.
    if (Pointer found = Find(digest); found != nullptr) return found;
    absl::StatusOr<Value> parsed = parse_(bytes);
    if (!parsed.ok()) return StoreError(parsed.status());
    entries_.emplace_front(digest, std::make_shared<Value>(*std::move(parsed)));
    if (entries_.size() > kMost) entries_.pop_back();
    return entries_.front().second;
  }

  Loop& loop_;
  scheduler::ModelRegistry& registry_;
  const std::string kind_;
  const absl::string_view reason_;
  const Parse parse_;
  std::list<Entry> entries_;  // last used first
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_DOCUMENT_CACHE_H_
