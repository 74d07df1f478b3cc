#ifndef DARKROOM_SERVER_REST_EVENT_SESSION_H_
#define DARKROOM_SERVER_REST_EVENT_SESSION_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/core/event_sink.h"
#include "server/core/generation_core.h"
#include "server/core/job_stream.h"
#include "server/core/loop.h"
#include "server/core/open_streams.h"
#include "server/http/exchange.h"

namespace darkroom::server::rest {

// A job's events as Server-Sent Events: the id is the sequence, the event the name of its kind,
// "image_chunk" that an image is there to be fetched, without its bytes; the data is a
// darkroom.v1.JobEvent as JSON. After the last event the answer ends. When it has to end before,
// the last event is "interrupted", without an id, with the error as data. A comment goes out when
// nothing else has for a while. What fails before there is a stream is answered as an error, and a
// stream in which nothing is left to come with status 204, which browsers take as its end.
//
// Loop thread only. It owns itself until it has ended.
class EventSession : public EventSink, public std::enable_shared_from_this<EventSession> {
 public:
  static constexpr absl::Duration kKeepAlive = absl::Seconds(15);

  using Begin = absl::AnyInvocable<void(JobStream&)>;

  // `begin` starts the stream. The loop and `streams` outlive it.
  static void Start(Loop& loop, std::shared_ptr<http::Exchange> exchange,
                    std::shared_ptr<GenerationCore> core, OpenStreams& streams, Begin begin);

  EventSession(Loop& loop, std::shared_ptr<http::Exchange> exchange)
      : loop_(loop), exchange_(std::move(exchange)) {}

  void Open() override;
  void Send(const darkroom::v1::JobEvent& event) override;
  void Close(const absl::Status& status) override;
  void Abort(const absl::Status& status) override;

 private:
  void Write(std::string text);
  void OnWritten();
  void KeepAlive();
  void OnGone();
  // Lets go of itself.
  void Leave();

  Loop& loop_;
  std::shared_ptr<http::Exchange> exchange_;  // null once it has ended
  std::shared_ptr<JobStream> stream_;
  std::string waiting_;  // to be written next
  bool opened_ = false;
  bool writing_ = false;
  bool sending_ = false;  // an event that has not been reported as sent
  bool ending_ = false;   // after what waits
};

// An event as it is written.
std::string FormatEvent(const darkroom::v1::JobEvent& event);

}  // namespace darkroom::server::rest

#endif  // DARKROOM_SERVER_REST_EVENT_SESSION_H_
