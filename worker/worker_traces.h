#ifndef DARKROOM_WORKER_WORKER_TRACES_H_
#define DARKROOM_WORKER_WORKER_TRACES_H_

#include <memory>

#include "common/clock.h"
#include "common/trace/span.h"
#include "worker/engine/work_observer.h"

namespace darkroom::worker {

// Of one lease of a job that many forwards have a span; those after them have none.
inline constexpr int kMostBatchSpans = 500;

// Makes spans of the work for jobs whose trace is sampled, and tells `inner` all of it:
//   queue   from the submission to the first lease, by this worker's clock
//   encode  reading the prompts, and loading what they call
//   batch   a forward that the job was in, one a job that shared it
//   decode  from the latent of an image to its PNG
//   store   until the result store has that
//   finish  until the store has the job's end, or has it back; an error says why it failed
// All are part of the span that the job was submitted with, so that what is recorded hangs together
// whatever becomes of the worker. `sink` and `clock` outlive it.
std::unique_ptr<WorkObserver> Traced(std::unique_ptr<WorkObserver> inner, trace::SpanSink& sink,
                                     const Clock& clock);

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_WORKER_TRACES_H_
