#ifndef DARKROOM_SCHEDULER_CORE_MODEL_REGISTRY_H_
#define DARKROOM_SCHEDULER_CORE_MODEL_REGISTRY_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/await.h"

namespace darkroom::scheduler {

struct ModelEntry {
  std::string id;      // catalogue id
  std::string record;  // opaque here: darkroom.v1.Model
  int workers = 0;     // serving it now
};

// What the workers can serve. A model stays listed for a day after its last worker has gone, so
// that jobs can be queued while a worker restarts; one that its last worker serves no longer,
// though it is there, has gone.
//
// Callbacks and thread-safety as for JobQueue; UNAVAILABLE likewise.
class ModelRegistry {
 public:
  // A worker counts as gone when it has not announced itself for this long.
  static constexpr absl::Duration kWorkerTimeout = absl::Seconds(15);

  virtual ~ModelRegistry() = default;

  // Says that `worker` serves these models (`workers` is ignored); repeated every 5 s.
  virtual void Announce(std::string worker, std::vector<ModelEntry> models, Done done) = 0;
  // Says that the worker stops.
  virtual void Withdraw(std::string worker, Done done) = 0;
  // All models, by id.
  virtual void List(Callback<std::vector<ModelEntry>> done) = 0;

  // Keeps what is too large for a model's record, which names it by its digest: a tokenizer, a list
  // of adapters. Opaque here. It stays for a day from the last time it was put, but only the
  // kMaxDocuments that were put last stay. Cheap to repeat. `digest` is Sha256Hex(bytes), else
  // INVALID_ARGUMENT.
  virtual void PutDocument(std::string digest, std::string bytes, Done done) = 0;
  // NOT_FOUND when there is none, or no longer.
  virtual void GetDocument(std::string digest, Callback<std::string> done) = 0;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_MODEL_REGISTRY_H_
