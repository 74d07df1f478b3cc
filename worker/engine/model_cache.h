#ifndef DARKROOM_WORKER_ENGINE_MODEL_CACHE_H_
#define DARKROOM_WORKER_ENGINE_MODEL_CACHE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/diffusion/backend.h"

namespace darkroom::worker {

// A model as it is known before its weights are in memory, and how they get there.
struct CachedModel {
  std::string id;  // catalogue id
  diffusion::ModelInfo info;
  std::string tokenizer;   // as Backend::tokenizer
  std::int64_t bytes = 0;  // that it takes of the device's memory, about
  bool pinned = false;     // once loaded it stays
  std::function<absl::StatusOr<std::unique_ptr<diffusion::Backend>>()> load;
};

// Keeps the models of one device within a bound of bytes: a model is loaded when a job needs it,
// and those that were used longest ago go when there is no room. A model stays as long as a
// generation of it lives.
//
// The engine knows nothing of it: each model is a Backend (Serve), whose Start loads. Where room
// can only come when other generations have gone, Start says UNAVAILABLE. A model that cannot be
// loaded any more fails the job that needs it (FAILED_PRECONDITION), and the next one tries again.
//
// Not thread-safe: the device's thread uses it, and before that thread runs, the one that makes it.
class ModelCache {
 public:
  // `max_bytes`: of all loaded models together.
  static std::shared_ptr<ModelCache> Create(std::int64_t max_bytes);

  // A backend that loads `model` when it is started with; the cache lives as long as it does.
  // RESOURCE_EXHAUSTED when the model could never be loaded beside the pinned ones.
  absl::StatusOr<std::unique_ptr<diffusion::Backend>> Serve(CachedModel model);

  // Loads a served model where that evicts nothing; OK also when there is no room.
  absl::Status Preload(const std::string& id);

  // Of the models that are loaded.
  std::int64_t resident_bytes() const;

 private:
  friend class CachedBackend;

  struct Entry {
    CachedModel model;
    diffusion::AdapterFiles adapters;                                 // what Backend was told last
    std::unique_ptr<diffusion::Backend> backend;                      // null: not loaded
    std::shared_ptr<const int> uses = std::make_shared<const int>();  // one more a generation
    std::int64_t last_used = 0;
  };

  explicit ModelCache(std::int64_t max_bytes) : max_bytes_(max_bytes) {}

  // The model, loaded. Errors as above, RESOURCE_EXHAUSTED when the device is full.
  absl::StatusOr<diffusion::Backend*> Use(Entry& entry);
  // Unloads until the loaded ones take `limit` bytes at most. UNAVAILABLE when they cannot now,
  // RESOURCE_EXHAUSTED when they never can.
  absl::Status MakeRoom(std::int64_t limit);
  absl::Status Load(Entry& entry);
  void Unload(Entry& entry);

  const std::int64_t max_bytes_;
  std::int64_t clock_ = 0;  // of uses
  std::int64_t pinned_bytes_ = 0;
  std::weak_ptr<ModelCache> self_;
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_MODEL_CACHE_H_
