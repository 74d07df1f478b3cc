#ifndef DARKROOM_SERVER_CORE_EVENT_SINK_H_
#define DARKROOM_SERVER_CORE_EVENT_SINK_H_

#include "absl/status/status.h"
#include "darkroom/v1/job.pb.h"

namespace darkroom::server {

// Where one reader's events go. Called on the loop thread only; calls return at once. After Close
// or Abort the sink is not called again.
class EventSink {
 public:
  virtual ~EventSink() = default;

  // Events will come: what was asked for is there. Once at most, before the first of them.
  virtual void Open() {}
  // Sends one event. The next comes only after the sink has reported this one as sent.
  virtual void Send(const darkroom::v1::JobEvent& event) = 0;
  // Ends the stream with this status; nothing is being sent.
  virtual void Close(const absl::Status& status) = 0;
  // Tears the stream down while an event is still being sent.
  virtual void Abort(const absl::Status& status) = 0;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_EVENT_SINK_H_
