#ifndef DARKROOM_SCHEDULER_CORE_FLEET_H_
#define DARKROOM_SCHEDULER_CORE_FLEET_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/await.h"

namespace darkroom::scheduler {

// What administrators want of a worker.
enum class WorkerWish {
  kServe,
  kPause,  // lease nothing more, and finish what it has
  kDrain,  // the same, and then end
};

struct WorkerReport {
  std::string worker;  // catalogue id
  std::string record;  // opaque here: darkroom.internal.v1.WorkerRecord
  // The first one of a process. A drain that was asked of an earlier process of the same name is
  // over with that; a pause goes on.
  bool first = false;
};

struct WorkerEntry {
  std::string id;
  std::string record;
  WorkerWish wish = WorkerWish::kServe;
  absl::Time reported = absl::InfinitePast();

  friend bool operator==(const WorkerEntry&, const WorkerEntry&) = default;
};

// The workers of a pool: each tells how it is and learns what is wanted of it. A worker that has
// not reported for ModelRegistry::kWorkerTimeout is gone, but what was wanted of it is kept for
// kWorkerMemory, so that one which comes back is still paused.
//
// Callbacks and thread-safety as for JobQueue; UNAVAILABLE likewise.
class Fleet {
 public:
  static constexpr absl::Duration kWorkerMemory = absl::Hours(24);

  virtual ~Fleet() = default;

  // Repeated every second; returns what is wanted. Also under memory pressure. RESOURCE_EXHAUSTED
  // beyond kMaxWorkers that are there; such a worker works all the same.
  virtual void ReportWorker(WorkerReport report, Callback<WorkerWish> done) = 0;
  // Says that the worker ends: it and what was wanted of it are forgotten.
  virtual void LeaveFleet(std::string worker, Done done) = 0;
  // Those that are there, by id.
  virtual void ListWorkers(Callback<std::vector<WorkerEntry>> done) = 0;
  // Returns the worker with that wish. NOT_FOUND when it is not there.
  virtual void AskWorker(std::string worker, WorkerWish wish, Callback<WorkerEntry> done) = 0;
};

inline constexpr int kMaxWorkers = 100;
inline constexpr std::size_t kMaxWorkerRecordBytes = 64 * 1024;

// INVALID_ARGUMENT for what no store keeps.
absl::Status CheckWorkerReport(const WorkerReport& report);
absl::Status CheckWorkerId(absl::string_view worker);
// The answers that all stores give in the same words.
absl::Status NoSuchWorker();
absl::Status TooManyWorkers();

// "serve", "pause", "drain".
absl::string_view WishName(WorkerWish wish);
// DATA_LOSS for anything else.
absl::StatusOr<WorkerWish> ParseWish(absl::string_view name);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_FLEET_H_
