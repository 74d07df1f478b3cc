#ifndef DARKROOM_SCHEDULER_CORE_JOB_EVENT_H_
#define DARKROOM_SCHEDULER_CORE_JOB_EVENT_H_

#include <cstdint>
#include <variant>

#include "absl/time/time.h"
#include "scheduler/core/job.h"

namespace darkroom::scheduler {

// What can happen to a job. Everything bulky (parameters, previews, pictures) lies elsewhere: an
// event is at most some 100 bytes.
struct AcceptedEvent {};
struct QueuedEvent {
  std::int64_t position = 0;  // queued jobs ahead
  bool requeued = false;      // its worker was lost or drained
};
struct StartedEvent {
  int attempt = 1;
};
struct ProgressEvent {
  int step = 0;  // of the image furthest behind
  int steps = 0;
  absl::Duration time_left = absl::ZeroDuration();  // InfiniteDuration while unknown
};
// The newest preview of the image can be had from EventBus::GetPreview.
struct PreviewEvent {
  int image = 0;
  int step = 0;
};
// The image lies in the result store under the fence.
struct ImageEvent {
  int image = 0;
  Fence fence = 0;
};
struct FinishedEvent {
  JobState state = JobState::kSucceeded;
};
// Something that only a later version of the program knows; to be passed over.
struct UnknownEvent {};

using EventBody = std::variant<AcceptedEvent, QueuedEvent, StartedEvent, ProgressEvent,
                               PreviewEvent, ImageEvent, FinishedEvent, UnknownEvent>;

// Sequences of a job's events are 1, 2, 3, … without a gap; the first is AcceptedEvent, the last
// FinishedEvent.
struct JobEvent {
  std::int64_t sequence = 0;
  absl::Time time;
  EventBody body;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_CORE_JOB_EVENT_H_
