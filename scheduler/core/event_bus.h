#ifndef DARKROOM_SCHEDULER_CORE_EVENT_BUS_H_
#define DARKROOM_SCHEDULER_CORE_EVENT_BUS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "common/await.h"
#include "scheduler/core/job.h"
#include "scheduler/core/job_event.h"
#include "scheduler/core/lease_store.h"

namespace darkroom::scheduler {

// What a worker itself reports; all other events are written by the queue's operations.
using WorkerEvent = std::variant<ProgressEvent, PreviewEvent, ImageEvent>;

// What can be subscribed to.
struct JobTopic {
  JobId id;  // an event of this job, or a request to cancel it
};
struct WorkTopic {};  // a job was queued
using Topic = std::variant<JobTopic, WorkTopic>;

// Ends when destroyed; a hint that is running then is waited for.
class Subscription {
 public:
  virtual ~Subscription() = default;
};

// The history of every job, kept for as long as its record: a log of its newest events, which is
// the truth, and hints that something was added, which may be lost.
//
// Callbacks and thread-safety as for JobQueue; UNAVAILABLE likewise.
class EventBus {
 public:
  using Hint = absl::AnyInvocable<void()>;

  // Events of a job that are kept; older ones are forgotten.
  static constexpr int kHistory = 256;

  virtual ~EventBus() = default;

  // Adds an event to a leased job. ABORTED when the lease is lost.
  virtual void Append(LeaseKey key, WorkerEvent event, Done done) = 0;

  // Events with sequence > `after`, oldest first, at most `limit`. A first event with a sequence
  // above after + 1 tells that the ones between are forgotten. Empty when there are none.
  virtual void Read(absl::string_view id, std::int64_t after, int limit,
                    Callback<std::vector<JobEvent>> done) = 0;

  // Calls `hint` after each event of the topic, perhaps more often, and after a lost connection is
  // back; never before Subscribe has returned. Hints can be lost: a watcher also reads every 2 s.
  // `hint` runs on the store's thread and must not block.
  virtual std::unique_ptr<Subscription> Subscribe(Topic topic, Hint hint) = 0;

  // The newest preview (encoded JPEG, at most 32 KiB) of an image. Put is ABORTED when the lease is
  // lost; Get is NOT_FOUND when there is none.
  virtual void PutPreview(LeaseKey key, int image, std::string jpeg, Done done) = 0;
  virtual void GetPreview(absl::string_view id, int image, Callback<std::string> done) = 0;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_EVENT_BUS_H_
