#include "worker/engine/model_cache.h"

#include <malloc.h>

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "worker/engine/eviction.h"

namespace darkroom::worker {
namespace {

using diffusion::AdapterFiles;
using diffusion::Backend;
using diffusion::BatchKey;
using diffusion::Generation;
using diffusion::ImageRequest;
using diffusion::ModelInfo;
using diffusion::Row;

// Keeps its model loaded.
class CachedGeneration : public Generation {
 public:
  CachedGeneration(std::unique_ptr<Generation> generation, std::shared_ptr<const int> use)
      : use_(std::move(use)), generation_(std::move(generation)) {}

  const BatchKey& batch_key(int image) const override { return generation_->batch_key(image); }
  int image_count() const override { return generation_->image_count(); }
  int rows_per_call(int image) const override { return generation_->rows_per_call(image); }
  int steps() const override { return generation_->steps(); }
  int steps_done(int image) const override { return generation_->steps_done(image); }
  std::int64_t scaling_left(int image) const override { return generation_->scaling_left(image); }
  bool done(int image) const override { return generation_->done(image); }
  std::optional<GreyImage> Changed(int image) const override { return generation_->Changed(image); }

  Generation* loaded() const { return generation_.get(); }

 private:
  const std::shared_ptr<const int> use_;
  const std::unique_ptr<Generation> generation_;
};

const Generation& Loaded(const Generation& generation) {
  return *static_cast<const CachedGeneration&>(generation).loaded();
}

}  // namespace

class CachedBackend : public Backend {
 public:
  CachedBackend(std::shared_ptr<ModelCache> cache, ModelCache::Entry* entry)
      : cache_(std::move(cache)), entry_(*entry) {}
  ~CachedBackend() override { cache_->Forget(entry_); }

  const ModelInfo& info() const override { return entry_.model.info; }
  std::string tokenizer() const override { return entry_.model.tokenizer; }

  void SetAdapters(AdapterFiles files) override {
    if (entry_.backend != nullptr) entry_.backend->SetAdapters(files);
    entry_.adapters = std::move(files);
  }

  absl::StatusOr<std::unique_ptr<Generation>> Start(const ImageRequest& request) override {
    DARKROOM_ASSIGN_OR_RETURN(Backend* const backend, cache_->Use(entry_));
    DARKROOM_ASSIGN_OR_RETURN(std::unique_ptr<Generation> generation, backend->Start(request));
    return std::make_unique<CachedGeneration>(std::move(generation), entry_.uses);
  }

  absl::StatusOr<std::unique_ptr<Generation>> Continue(const ImageRequest& request,
                                                       absl::string_view saved) override {
    DARKROOM_ASSIGN_OR_RETURN(Backend* const backend, cache_->Use(entry_));
    DARKROOM_ASSIGN_OR_RETURN(std::unique_ptr<Generation> generation,
                              backend->Continue(request, saved));
    return std::make_unique<CachedGeneration>(std::move(generation), entry_.uses);
  }

  // What follows is about generations that live, whose model is loaded.
  absl::StatusOr<std::string> Save(const Generation& generation, std::size_t max_bytes) override {
    return entry_.backend->Save(Loaded(generation), max_bytes);
  }

  int max_rows(const BatchKey& key) const override { return entry_.backend->max_rows(key); }

  absl::StatusOr<std::vector<absl::Status>> Step(absl::Span<const Row> rows) override {
    std::vector<Row> loaded(rows.begin(), rows.end());
    for (Row& row : loaded) {
      row.generation = static_cast<CachedGeneration*>(row.generation)->loaded();
    }
    return entry_.backend->Step(loaded);
  }

  absl::StatusOr<std::int64_t> Scale(Generation& generation, int image) override {
    return entry_.backend->Scale(*static_cast<CachedGeneration&>(generation).loaded(), image);
  }

  absl::StatusOr<RgbImage> Preview(const Generation& generation, int image) override {
    return entry_.backend->Preview(Loaded(generation), image);
  }

  absl::StatusOr<RgbImage> Decode(const Generation& generation, int image) override {
    return entry_.backend->Decode(Loaded(generation), image);
  }

 private:
  const std::shared_ptr<ModelCache> cache_;
  ModelCache::Entry& entry_;
};

std::shared_ptr<ModelCache> ModelCache::Create(std::int64_t max_bytes) {
  std::shared_ptr<ModelCache> cache(new ModelCache(max_bytes));
  cache->self_ = cache;
  return cache;
}

absl::StatusOr<std::unique_ptr<Backend>> ModelCache::Serve(CachedModel model) {
  MutexLock lock(&mutex_);
  std::int64_t pinned = 0;
  std::int64_t largest = 0;  // of those that are not pinned
  const auto count = [&](const CachedModel& one) {
    if (one.pinned) pinned += one.bytes;
    if (!one.pinned) largest = std::max(largest, one.bytes);
  };
  count(model);
  for (const auto& entry : entries_) {
    if (entry->model.id != model.id) count(entry->model);
  }
  if (pinned + largest > max_bytes_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("it takes ", model.bytes, " bytes, and with what is pinned that is more than ",
                     "the ", max_bytes_, " that models may take"));
  }
  for (const auto& entry : entries_) {
    if (entry->model.id == model.id) entry->replaced = true;
  }
  entries_.push_back(std::make_unique<Entry>());
  entries_.back()->model = std::move(model);
  return std::make_unique<CachedBackend>(self_.lock(), entries_.back().get());
}

void ModelCache::Forget(const Entry& entry) {
  {
    MutexLock lock(&mutex_);
    const auto is_it = [&entry](const auto& one) { return one.get() == &entry; };
    const auto place = std::find_if(entries_.begin(), entries_.end(), is_it);
    if (entry.backend != nullptr) Unload(**place);
    entries_.erase(place);
  }
}

absl::Status ModelCache::Preload(const std::string& id) {
  Entry* found = nullptr;
  {
    MutexLock lock(&mutex_);
    for (const auto& entry : entries_) {
      if (entry->model.id == id && !entry->replaced) found = entry.get();
    }
  }
  if (found == nullptr || found->backend != nullptr) return absl::OkStatus();
  if (resident_bytes() + found->model.bytes > max_bytes_) return absl::OkStatus();
  return Load(*found);
}

std::int64_t ModelCache::resident_bytes() const {
  MutexLock lock(&mutex_);
  std::int64_t bytes = 0;
  for (const auto& entry : entries_) {
    if (entry->backend != nullptr) bytes += entry->model.bytes;
  }
  return bytes;
}

std::vector<ModelInMemory> ModelCache::resident() const {
  MutexLock lock(&mutex_);
  std::vector<ModelInMemory> models;
  for (const auto& entry : entries_) {
    if (entry->loaded && !entry->replaced) {
      models.push_back({entry->model.id, entry->model.bytes});
    }
  }
  return models;
}

std::vector<ModelTraffic> ModelCache::traffic() const {
  MutexLock lock(&mutex_);
  std::vector<ModelTraffic> all;
  for (const auto& [id, traffic] : traffic_) all.push_back(traffic);
  return all;
}

ModelTraffic& ModelCache::TrafficOf(const Entry& entry) {
  ModelTraffic& traffic = traffic_[entry.model.id];
  traffic.id = entry.model.id;
  return traffic;
}

absl::StatusOr<Backend*> ModelCache::Use(Entry& entry) {
  entry.last_used = ++clock_;
  if (entry.backend == nullptr) {
    DARKROOM_RETURN_IF_ERROR(MakeRoom(max_bytes_ - entry.model.bytes));
    absl::Status status = Load(entry);
    // The device may have less room than was thought.
    while (absl::IsResourceExhausted(status) && resident_bytes() > 0) {
      DARKROOM_RETURN_IF_ERROR(MakeRoom(resident_bytes() - 1));
      status = Load(entry);
    }
    DARKROOM_RETURN_IF_ERROR(status);
  }
  return entry.backend.get();
}

absl::Status ModelCache::MakeRoom(std::int64_t limit) {
  std::vector<ResidentModel> residents;
  std::vector<Entry*> loaded;
  bool in_use = false;
  MutexLock lock(&mutex_);
  for (const auto& other : entries_) {
    if (other->backend == nullptr) continue;
    const bool used = other->uses.use_count() > 1;
    in_use |= used;
    loaded.push_back(other.get());
    residents.push_back({.bytes = other->model.bytes,
                         .last_used = other->last_used,
                         .evictable = (other->replaced || !other->model.pinned) && !used});
  }
  const std::optional<std::vector<std::size_t>> evicted = ChooseEvictions(residents, limit);
  if (!evicted.has_value() && in_use) {
    return absl::UnavailableError("there is no room for the model while others are computed");
  }
  if (!evicted.has_value()) {
    return absl::ResourceExhaustedError("there is no room for the model beside the pinned ones");
  }
  for (const std::size_t i : *evicted) {
    ++TrafficOf(*loaded[i]).evictions;
    Unload(*loaded[i]);
  }
  return absl::OkStatus();
}

absl::Status ModelCache::Load(Entry& entry) {
  const absl::Time start = absl::Now();
  absl::StatusOr<std::unique_ptr<Backend>> backend = entry.model.load();
  if (absl::IsAborted(backend.status())) return backend.status();
  const absl::Duration elapsed = absl::Now() - start;
  {
    MutexLock lock(&mutex_);
    ModelTraffic& traffic = TrafficOf(entry);
    ++(backend.ok() ? traffic.loads : traffic.failures);
    if (backend.ok()) traffic.load_time += elapsed;
  }
  if (!backend.ok()) {
    log::Warning("a model cannot be loaded",
                 {{"model", entry.model.id}, {"why", backend.status().message()}});
    if (absl::IsResourceExhausted(backend.status())) return backend.status();
    return absl::FailedPreconditionError(
        absl::StrCat("the model cannot be loaded: ", backend.status().message()));
  }
  entry.backend = *std::move(backend);
  entry.loaded = true;
  entry.backend->SetAdapters(entry.adapters);
  log::Info("model loaded", {{"model", entry.model.id},
                             {"bytes", entry.model.bytes},
                             {"seconds", absl::ToDoubleSeconds(elapsed)}});
  return absl::OkStatus();
}

void ModelCache::Unload(Entry& entry) {
  entry.loaded = false;
  entry.backend.reset();
  // Weights lie in many blocks, which the heap would keep for itself.
  malloc_trim(0);
  log::Info("model unloaded", {{"model", entry.model.id}});
}

}  // namespace darkroom::worker
