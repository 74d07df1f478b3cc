#ifndef DARKROOM_WORKER_ENGINE_OUTBOX_H_
#define DARKROOM_WORKER_ENGINE_OUTBOX_H_

#include <deque>
#include <string>
#include <variant>

#include "absl/time/time.h"
#include "scheduler/core/event_bus.h"
#include "scheduler/core/job_event.h"
#include "scheduler/core/lease_store.h"

namespace darkroom::worker {

// What is sent for a job. A preview or an image is sent in two calls: its bytes, then its event.
struct PreviewParcel {
  scheduler::PreviewEvent event;
  std::string jpeg;
  bool bytes_sent = false;
};
struct ImageParcel {
  scheduler::ImageEvent event;
  std::string png;
  bool bytes_sent = false;
  absl::Time made = absl::InfinitePast();
};
// A SavedStep.
struct StepParcel {
  std::string step;
};
struct ReleaseParcel {};
using Parcel = std::variant<scheduler::ProgressEvent, PreviewParcel, ImageParcel, StepParcel,
                            scheduler::JobOutcome, ReleaseParcel>;

// What still has to be sent for one job, in order and one call at a time. Keeps the rules of what
// replaces what:
//   - a newer progress, preview or saved step replaces an older one, of the same image, that has
//   not
//     been sent;
//   - progress waits until kProgressInterval after the one before, the last step excepted;
//   - the end of the job drops progress, previews and a saved step that nobody has seen yet, except
//     the last step; handing the job back drops everything but a saved step.
// Thread-compatible; the publisher's thread owns it.
class Outbox {
 public:
  static constexpr absl::Duration kProgressInterval = absl::Milliseconds(250);

  void Add(Parcel parcel);
  // The end of the job is added now.
  void NoteEnded(absl::Time now) { ended_ = now; }
  absl::Time ended() const { return ended_; }

  // The parcel to send now, which stays in the box and is in flight until Sent, Postpone or Drop;
  // null when one is in flight already or none is due. Without `steps` a saved step waits, and the
  // handing back behind it.
  const Parcel* Send(absl::Time now, bool steps = true);
  // The call has succeeded. True when the whole parcel is done, false when its event is still to be
  // sent.
  bool Sent(absl::Time now);
  // The call is to be repeated, not before a pause that doubles with every failure in a row.
  void Postpone(absl::Time now);
  // The parcel in flight is given up.
  void Drop();

  const Parcel& in_flight() const { return parcels_.front(); }
  bool empty() const { return parcels_.empty(); }
  // When the calls began to fail without one success since; InfiniteFuture when they do not.
  absl::Time failing_since() const { return failing_since_; }
  // When Send will have something, as far as time alone decides it; InfiniteFuture while a call is
  // in flight or nothing is in the box that may be sent.
  absl::Time next_due(bool steps = true) const;

 private:
  // When time allows this parcel to be sent.
  absl::Time Due(const Parcel& parcel, bool steps) const;
  // Parcels that may be replaced or dropped: all but the one in flight.
  std::deque<Parcel>::iterator FirstWaiting();

  std::deque<Parcel> parcels_;  // the one in flight is in front
  bool sending_ = false;
  absl::Time last_progress_ = absl::InfinitePast();
  absl::Time not_before_ = absl::InfinitePast();
  absl::Time failing_since_ = absl::InfiniteFuture();
  absl::Time ended_ = absl::InfinitePast();
  absl::Duration pause_ = absl::ZeroDuration();
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_OUTBOX_H_
