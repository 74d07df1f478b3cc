#ifndef DARKROOM_SERVER_TESTING_EVENT_ORDER_H_
#define DARKROOM_SERVER_TESTING_EVENT_ORDER_H_

#include <cstdint>

#include "darkroom/v1/job.pb.h"

namespace darkroom::server {

// True when a watcher may see the event after the one with the sequence `last` (ADR 3): nothing is
// missing but what it supersedes, or it repeats that sequence, as further chunks of an image and
// refreshed places in the queue do. What tests hold against cli/event_sequence.h, which is the
// client's.
inline bool Follows(std::int64_t last, const darkroom::v1::JobEvent& event) {
  if (event.sequence() == last && event.superseded() == 0) {
    return event.has_image_chunk() || event.has_queued();
  }
  return event.sequence() == last + 1 + event.superseded();
}

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_TESTING_EVENT_ORDER_H_
