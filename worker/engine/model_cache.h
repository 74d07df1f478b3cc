#ifndef DARKROOM_WORKER_ENGINE_MODEL_CACHE_H_
#define DARKROOM_WORKER_ENGINE_MODEL_CACHE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "worker/diffusion/backend.h"
#include "worker/engine/served_model.h"

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
// ABORTED from `load` is Start's too.
//
// Serve may be called on any thread. The rest, and what Serve returns, is the device thread's and,
// before that runs, the one's that makes them.
class ModelCache {
 public:
  // `max_bytes`: of all loaded models together.
  static std::shared_ptr<ModelCache> Create(std::int64_t max_bytes);

  // A backend that loads `model` when it is started with; the cache lives as long as it does, and
  // knows the model as long. One of the same id that is served already is replaced by it: it goes
  // when its generations have gone, pinned or not. RESOURCE_EXHAUSTED when the model could never be
  // loaded beside the pinned ones.
  absl::StatusOr<std::unique_ptr<diffusion::Backend>> Serve(CachedModel model);

  // Loads a served model where that evicts nothing; OK also when there is no room.
  absl::Status Preload(const std::string& id);

  // Of the models that are loaded.
  std::int64_t resident_bytes() const;
  // Which those are, also while others are; any thread may ask.
  std::vector<ModelInMemory> resident() const;
  // Of all models that were ever loaded or tried, by id; any thread may ask.
  std::vector<ModelTraffic> traffic() const;

 private:
  friend class CachedBackend;

  struct Entry {
    CachedModel model;
    diffusion::AdapterFiles adapters;                                 // what Backend was told last
    std::unique_ptr<diffusion::Backend> backend;                      // null: not loaded
    std::atomic<bool> loaded = false;                                 // the same, for resident()
    std::shared_ptr<const int> uses = std::make_shared<const int>();  // one more a generation
    std::int64_t last_used = 0;
    bool replaced = false;  // guarded by mutex_
  };

  explicit ModelCache(std::int64_t max_bytes) : max_bytes_(max_bytes) {}

  // The model, loaded. Errors as above, RESOURCE_EXHAUSTED when the device is full.
  absl::StatusOr<diffusion::Backend*> Use(Entry& entry);
  // Unloads until the loaded ones take `limit` bytes at most. UNAVAILABLE when they cannot now,
  // RESOURCE_EXHAUSTED when they never can.
  absl::Status MakeRoom(std::int64_t limit);
  absl::Status Load(Entry& entry);
  ModelTraffic& TrafficOf(const Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Unload(Entry& entry);
  void Forget(const Entry& entry);

  const std::int64_t max_bytes_;
  std::int64_t clock_ = 0;  // of uses
  std::weak_ptr<ModelCache> self_;
  mutable Mutex mutex_;  // not held while a model is loaded
  std::vector<std::unique_ptr<Entry>> entries_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, ModelTraffic> traffic_ ABSL_GUARDED_BY(mutex_);  // by id
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_MODEL_CACHE_H_
