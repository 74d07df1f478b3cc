#ifndef DARKROOM_SERVER_CORE_JOB_WATCH_H_
#define DARKROOM_SERVER_CORE_JOB_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "darkroom/v1/job.pb.h"
#include "scheduler/core/event_bus.h"
#include "scheduler/core/job.h"
#include "server/core/core_context.h"
#include "server/core/event_sink.h"
#include "server/core/pending_events.h"

namespace darkroom::server {

// Forwards one job's events to one reader: from its history first, then as they happen, until it is
// finished. The log in the store is the truth: hints, and a look every kReread or as seldom as
// CoreContext::pace has it, only say when to read it. What lies elsewhere is put in on the way:
// parameters, previews, the chunks of images. While the job waits, its place in the queue is sent
// again when it changes, and its wait when that is off by kWaitSlack and a tenth of it from what
// the reader knows, less the time that has passed since.
//
// A slow reader misses old progress and previews, nothing else, and is cut when one event takes
// longer than CoreContext::slowest_reader. While the store is away nothing is sent; the stream goes
// on when it is back and is closed with a resume token (DRAINING's metadata) only after kPatience.
//
// Loop thread only. The sink is called until it is closed, or until Stop.
class JobWatch : public std::enable_shared_from_this<JobWatch> {
 public:
  static constexpr absl::Duration kTick = absl::Milliseconds(500);
  static constexpr absl::Duration kReread = absl::Seconds(2);
  static constexpr absl::Duration kRefreshQueued = absl::Seconds(1);
  static constexpr absl::Duration kRefreshOther = absl::Seconds(10);
  static constexpr absl::Duration kWaitSlack = absl::Seconds(1);
  static constexpr absl::Duration kPatience = absl::Minutes(5);

  // The sink outlives the watch's calls to it. `job` is the job as it stands, and belongs to the
  // reader's tenant.
  JobWatch(const CoreContext& context, EventSink& sink, scheduler::JobSnapshot job);
  ~JobWatch();
  JobWatch(const JobWatch&) = delete;
  JobWatch& operator=(const JobWatch&) = delete;

  // Sends the events after this sequence. Call once.
  void Start(std::int64_t after_sequence);
  // The sink has sent its event and takes another.
  void OnSent();
  // The reader has gone: ends without another call of the sink.
  void Stop();
  // Ends with UNAVAILABLE, whose ErrorInfo says where to resume, after the event that is being
  // sent.
  void Drain();

  bool closed() const { return closed_; }
  // True once the job's last event has been handed to the sink.
  bool finished() const { return finished_; }

 private:
  // The image of current_ on its way out, chunk by chunk.
  struct OutgoingImage {
    int index = 0;
    std::shared_ptr<const StoredImage> stored;
    std::size_t offset = 0;
  };

  absl::Time Now() const { return context_.loop.clock().Now(); }
  template <typename T>
  Callback<T> OnLoop(void (JobWatch::*handler)(absl::StatusOr<T>));

  void Tick();
  void Fetch();
  void OnFetched(absl::StatusOr<std::vector<scheduler::JobEvent>> events);
  void Refresh();
  void OnRefreshed(absl::StatusOr<scheduler::JobSnapshot> job);

  void Pump();
  void Present(const scheduler::AcceptedEvent&);
  void Present(const scheduler::QueuedEvent& queued);
  void Present(const scheduler::StartedEvent& started);
  void Present(const scheduler::ProgressEvent& progress);
  void Present(const scheduler::PreviewEvent& preview);
  void Present(const scheduler::ImageEvent& image);
  void Present(const scheduler::FinishedEvent&);
  // The next event says that it has passed over this one.
  void Present(const scheduler::UnknownEvent&) { Pump(); }
  void OnPreview(absl::StatusOr<std::string> jpeg);
  void OnImage(absl::StatusOr<std::shared_ptr<const StoredImage>> stored);
  void OnFinishedJob(absl::StatusOr<scheduler::JobSnapshot> job);
  void SendChunk();
  void Send(darkroom::v1::JobEvent event);
  // Keeps the event in `current_` for when the store is back; fails for every other error.
  void RetryOrFail(const absl::Status& status);

  void StoreAnswered() { last_contact_ = Now(); }
  // Tells the reader the job's place in the queue as it is now.
  void SendQueued(const scheduler::JobEvent& event, const scheduler::QueuedEvent& queued);
  // Whether the place or the wait is another than the reader takes it to be.
  bool HasMoved() const;
  absl::Status ResumeElsewhere(absl::string_view reason, absl::string_view message) const;
  void Close(const absl::Status& status);

  const CoreContext context_;
  EventSink& sink_;
  scheduler::JobSnapshot job_;  // as last read
  darkroom::v1::Job accepted_;
  std::unique_ptr<scheduler::Subscription> subscription_;

  PendingEvents pending_;
  scheduler::JobEvent current_;  // being presented or sent
  std::optional<OutgoingImage> image_;
  bool presenting_ = false;  // an answer about current_ is awaited
  bool sending_ = false;     // the sink has an event
  bool fetching_ = false;
  bool fetch_again_ = false;
  bool refreshing_ = false;
  bool queued_ = false;    // the newest event handed to the sink is about the queue
  bool requeued_ = false;  // what the newest queued event said
  bool finished_ = false;
  bool draining_ = false;
  bool closed_ = false;

  std::int64_t read_ = 0;                     // newest sequence read from the log
  std::int64_t sent_ = 0;                     // newest sequence handed to the sink
  std::int64_t delivered_ = 0;                // newest sequence that the sink has sent wholly
  std::int64_t shown_position_ = -1;          // that the reader knows
  std::optional<absl::Duration> shown_wait_;  // likewise, when it was sent
  absl::Time shown_time_;
  absl::Time send_began_;
  absl::Time next_fetch_;
  absl::Time next_refresh_;
  absl::Time last_contact_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_JOB_WATCH_H_
