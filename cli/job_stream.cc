#include "cli/job_stream.h"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "absl/time/clock.h"
#include "cli/rpc_status.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

// The job's own deadline is the call's: its end is worth a moment more to hear of.
constexpr absl::Duration kDeadlineGrace = absl::Seconds(5);

}  // namespace

absl::Status JobStream::Generate(const v1::GenerateImageRequest& request, absl::Time deadline,
                                 Handler handle) {
  const absl::Time last_chance = deadline + kDeadlineGrace;
  return Follow(
      [&]() -> std::unique_ptr<EventReader> {
        if (job_.empty()) return api_.Generate(request, deadline);
        v1::WatchJobRequest watch;
        watch.set_name(job_);
        watch.set_after_sequence(sequence_.last_whole());
        return api_.Watch(watch, last_chance);
      },
      handle, last_chance);
}

absl::Status JobStream::Watch(const v1::WatchJobRequest& request, Handler handle) {
  job_ = request.name();
  sequence_ = EventSequence(request.after_sequence());
  return Follow(
      [&] {
        v1::WatchJobRequest again = request;
        again.set_after_sequence(sequence_.last_whole());
        return api_.Watch(again, absl::InfiniteFuture());
      },
      handle, absl::InfiniteFuture());
}

bool JobStream::MayResume(const absl::Status& status, absl::Time last_chance) const {
  if (broken_by_handler_ || absl::Now() >= last_chance) return false;
  // The connection broke, or the gateway stops or has lost Redis; the job is not touched by that.
  // What comes too late for a gateway to refuse, it cancels with its end.
  if (absl::IsUnavailable(status) || absl::IsCancelled(status)) return true;
  return absl::IsDeadlineExceeded(status) && !job_.empty();
}

absl::Status JobStream::Follow(absl::FunctionRef<std::unique_ptr<EventReader>()> open,
                               Handler handle, absl::Time last_chance) {
  last_event_ = absl::Now();
  while (true) {
    sequence_.Restart();
    std::unique_ptr<EventReader> reader = open();
    absl::Status status;
    {
      const std::stop_callback cancel(stop_, [&reader] { reader->Cancel(); });
      status = ReadAll(*reader, handle);
    }
    if (stop_.stop_requested()) return absl::CancelledError("interrupted");
    if (finished_) return absl::OkStatus();
    if (!MayResume(status, last_chance)) return status;
    DARKROOM_RETURN_IF_ERROR(Pause(status));
  }
}

absl::Status JobStream::ReadAll(EventReader& reader, Handler handle) {
  v1::JobEvent event;
  while (reader.Read(event)) {
    absl::Status status = sequence_.Accept(event);
    if (status.ok()) {
      job_ = event.job();
      if (trace_id_.empty()) trace_id_ = reader.trace_id();
      failures_ = 0;
      last_event_ = absl::Now();
      status = handle(event);
    }
    if (!status.ok()) {
      broken_by_handler_ = true;
      reader.Cancel();
      reader.Finish().IgnoreError();
      return status;
    }
    finished_ = finished_ || event.has_finished();
  }
  absl::Status end = reader.Finish();
  // A stream that ends well before the job does was handed over by a gateway that stops.
  return end.ok() ? absl::UnavailableError("the stream ended before the job") : end;
}

absl::Status JobStream::Pause(const absl::Status& why) {
  const absl::Duration patience = job_.empty() ? policy_.submit_patience : policy_.watch_patience;
  if (absl::Now() - last_event_ > patience) return why;
  absl::Duration delay = policy_.first_delay;
  for (int i = 0; i < failures_ && delay < policy_.longest_delay; ++i) delay *= 2;
  delay = std::min(delay, policy_.longest_delay);
  delay = std::max(delay, RetryDelay(why).value_or(absl::ZeroDuration()));
  ++failures_;
  if (policy_.on_retry) policy_.on_retry(why, delay);
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop_, absl::ToChronoMilliseconds(delay), [] { return false; });
  if (stop_.stop_requested()) return absl::CancelledError("interrupted");
  return absl::OkStatus();
}

}  // namespace darkroom::cli
