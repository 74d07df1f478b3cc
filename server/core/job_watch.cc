#include "server/core/job_watch.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "server/core/api_error.h"
#include "server/core/event_view.h"
#include "server/core/job_view.h"
#include "server/core/resource_name.h"
#include "server/core/within.h"

namespace darkroom::server {
namespace {

constexpr int kPage = 64;

}  // namespace

JobWatch::JobWatch(const CoreContext& context, EventSink& sink, scheduler::JobSnapshot job)
    : context_(context), sink_(sink), job_(std::move(job)) {
  context_.pace->Enter();
}

JobWatch::~JobWatch() { context_.pace->Leave(); }

// Answers come back through a weak pointer: the watch may be gone by then.
template <typename T>
Callback<T> JobWatch::OnLoop(void (JobWatch::*handler)(absl::StatusOr<T>)) {
  return Within<T>(context_.loop, kStoreTimeout,
                   [weak = weak_from_this(), handler](absl::StatusOr<T> answer) {
                     auto self = weak.lock();
                     if (self != nullptr && !self->closed_)
                       (self.get()->*handler)(std::move(answer));
                   });
}

void JobWatch::Start(std::int64_t after_sequence) {
  absl::StatusOr<darkroom::v1::Job> accepted = ViewAcceptedJob(job_);
  if (!accepted.ok()) return Close(StoreError(accepted.status()));
  accepted_ = *std::move(accepted);
  if (after_sequence < 0 || after_sequence > job_.last_sequence) {
    return Close(InvalidRequest(
        {{"after_sequence", absl::StrCat("is ", after_sequence, "; it must be 0 to ",
                                         job_.last_sequence, ", the job's newest event")}}));
  }
  if (scheduler::IsTerminal(job_.state) && after_sequence == job_.last_sequence) {
    finished_ = true;
    return Close(absl::OkStatus());
  }
  sink_.Open();
  read_ = sent_ = delivered_ = after_sequence;
  next_fetch_ = next_refresh_ = last_contact_ = Now();
  subscription_ = context_.ports.events.Subscribe(scheduler::JobTopic{job_.id},
                                                  [&loop = context_.loop, weak = weak_from_this()] {
                                                    loop.Post([weak] {
                                                      if (auto self = weak.lock()) self->Fetch();
                                                    });
                                                  });
  Tick();
}

void JobWatch::Tick() {
  if (closed_) return;
  const absl::Time now = Now();
  if (sending_ && now - send_began_ >= context_.slowest_reader) {
    Stop();
    sink_.Abort(ResumeElsewhere(reason::kSlowReader, "the reader takes no events; resume"));
    return;
  }
  if (now - last_contact_ >= kPatience && !sending_) {
    return Close(ResumeElsewhere(reason::kStoreUnavailable,
                                 "the job store has been away for too long; resume"));
  }
  if (now >= next_fetch_) Fetch();
  if (now >= next_refresh_) Refresh();
  Pump();
  context_.loop.PostAfter(context_.pace->Of(kTick), [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->Tick();
  });
}

void JobWatch::Fetch() {
  if (closed_) return;
  fetch_again_ = true;
  if (fetching_ || pending_.full()) return;
  fetching_ = true;
  fetch_again_ = false;
  next_fetch_ = Now() + context_.pace->Of(kReread);
  context_.ports.events.Read(job_.id, read_, kPage, OnLoop(&JobWatch::OnFetched));
}

void JobWatch::OnFetched(absl::StatusOr<std::vector<scheduler::JobEvent>> events) {
  fetching_ = false;
  if (!events.ok()) {
    next_fetch_ = Now() + kTick;
    if (!absl::IsUnavailable(events.status()) && !sending_) Close(StoreError(events.status()));
    return;
  }
  StoreAnswered();
  for (scheduler::JobEvent& event : *events) {
    read_ = event.sequence;
    pending_.Add(std::move(event));
  }
  if (fetch_again_ || events->size() == kPage) Fetch();
  Pump();
}

// Keeps the place in the queue fresh, and notices a job whose record is gone.
void JobWatch::Refresh() {
  if (refreshing_) return;
  refreshing_ = true;
  next_refresh_ = Now() + context_.pace->Of(queued_ ? kRefreshQueued : kRefreshOther);
  context_.ports.queue.Get(job_.tenant, job_.id, OnLoop(&JobWatch::OnRefreshed));
}

void JobWatch::OnRefreshed(absl::StatusOr<scheduler::JobSnapshot> job) {
  refreshing_ = false;
  if (absl::IsNotFound(job.status()) && !sending_) {
    return Close(ApiError(absl::StatusCode::kNotFound, reason::kJobNotFound,
                          "the job has been forgotten", {{"job", accepted_.name()}}));
  }
  if (!job.ok()) return;
  StoreAnswered();
  job_ = *std::move(job);
  const bool idle = !sending_ && !presenting_ && pending_.empty() && !draining_;
  const bool waits =
      job_.state == scheduler::JobState::kQueued && queued_ && job_.last_sequence == sent_;
  if (!idle || !waits || !HasMoved()) return;
  SendQueued({sent_, Now(), {}}, {job_.position, requeued_});
}

bool JobWatch::HasMoved() const {
  const std::optional<absl::Duration> wait = context_.promises->Foretell(job_);
  if (job_.position != shown_position_ || wait.has_value() != shown_wait_.has_value()) return true;
  if (!wait.has_value()) return false;
  const absl::Duration left = std::max(*shown_wait_ - (Now() - shown_time_), absl::ZeroDuration());
  return absl::AbsDuration(*wait - left) > std::max(kWaitSlack, left / 10);
}

void JobWatch::SendQueued(const scheduler::JobEvent& event, const scheduler::QueuedEvent& queued) {
  shown_position_ = queued.position;
  requeued_ = queued.requeued;
  shown_wait_ = context_.promises->Promise(job_);
  shown_time_ = Now();
  Send(ViewQueued(event, job_.id, queued, shown_wait_));
}

void JobWatch::Pump() {
  if (closed_ || sending_ || presenting_) return;
  if (finished_) return Close(absl::OkStatus());
  if (draining_) {
    return Close(ResumeElsewhere(reason::kDraining, "this gateway is stopping; resume on another"));
  }
  if (image_.has_value()) return SendChunk();
  if (pending_.empty()) {
    if (fetch_again_) Fetch();
    return;
  }
  current_ = pending_.Take();
  if (fetch_again_ && !pending_.full()) Fetch();
  if (sent_ == 0 && current_.sequence > 1) {
    // The beginning of the history is forgotten: a snapshot stands in for it.
    scheduler::JobEvent stand_in{current_.sequence - 1, job_.submitted, scheduler::AcceptedEvent{}};
    pending_.PutBack(std::exchange(current_, std::move(stand_in)));
  }
  std::visit([this](const auto& body) { Present(body); }, scheduler::EventBody(current_.body));
}

void JobWatch::Present(const scheduler::AcceptedEvent&) { Send(ViewAccepted(current_, accepted_)); }

void JobWatch::Present(const scheduler::QueuedEvent& queued) {
  next_refresh_ = std::min(next_refresh_, Now() + kRefreshQueued);
  SendQueued(current_, queued);
}

void JobWatch::Present(const scheduler::StartedEvent& started) {
  context_.promises->NoteTaken(job_.id, current_.time);
  Send(ViewStarted(current_, job_.id, started));
}

void JobWatch::Present(const scheduler::ProgressEvent& progress) {
  Send(ViewProgress(current_, job_.id, progress));
}

void JobWatch::Present(const scheduler::PreviewEvent& preview) {
  presenting_ = true;
  context_.ports.events.GetPreview(job_.id, preview.image, OnLoop(&JobWatch::OnPreview));
}

void JobWatch::OnPreview(absl::StatusOr<std::string> jpeg) {
  presenting_ = false;
  // A preview is worth no retry: the next one comes soon.
  if (!jpeg.ok()) return Pump();
  StoreAnswered();
  Send(ViewPreview(current_, job_.id, std::get<scheduler::PreviewEvent>(current_.body),
                   *std::move(jpeg)));
}

void JobWatch::Present(const scheduler::ImageEvent& image) {
  presenting_ = true;
  context_.images->Read({job_.id, image.fence}, image.image,
                        [weak = weak_from_this()](auto stored) {
                          auto self = weak.lock();
                          if (self != nullptr && !self->closed_) self->OnImage(std::move(stored));
                        });
}

void JobWatch::OnImage(absl::StatusOr<std::shared_ptr<const StoredImage>> stored) {
  presenting_ = false;
  // Of a worker that was lost, or no longer kept: its successor's, if any, has an event of its own.
  if (absl::IsNotFound(stored.status())) return Pump();
  if (!stored.ok()) return RetryOrFail(stored.status());
  StoreAnswered();
  image_ =
      OutgoingImage{std::get<scheduler::ImageEvent>(current_.body).image, *std::move(stored), 0};
  SendChunk();
}

void JobWatch::SendChunk() {
  darkroom::v1::JobEvent event = ViewChunk(current_, job_.id, accepted_.parameters(), image_->index,
                                           *image_->stored, image_->offset);
  image_->offset += kMaxChunkBytes;
  if (event.image_chunk().last()) image_.reset();
  Send(std::move(event));
}

void JobWatch::Present(const scheduler::FinishedEvent&) {
  if (scheduler::IsTerminal(job_.state)) return OnFinishedJob(job_);
  presenting_ = true;
  context_.ports.queue.Get(job_.tenant, job_.id, OnLoop(&JobWatch::OnFinishedJob));
}

void JobWatch::OnFinishedJob(absl::StatusOr<scheduler::JobSnapshot> job) {
  presenting_ = false;
  if (!job.ok()) return RetryOrFail(job.status());
  StoreAnswered();
  job_ = *std::move(job);
  absl::StatusOr<darkroom::v1::Job> view = ViewJob(job_, context_.promises->Promise(job_));
  if (!view.ok()) return Close(StoreError(view.status()));
  finished_ = true;
  Send(ViewFinished(current_, *std::move(view)));
}

void JobWatch::RetryOrFail(const absl::Status& status) {
  if (!absl::IsUnavailable(status)) return Close(StoreError(status));
  pending_.PutBack(std::move(current_));  // the next tick tries again
}

void JobWatch::Send(darkroom::v1::JobEvent event) {
  // Refreshed queue positions and further chunks repeat the sequence.
  event.set_superseded(std::max<std::int64_t>(0, event.sequence() - sent_ - 1));
  sent_ = event.sequence();
  queued_ = event.has_queued();
  sending_ = true;
  send_began_ = Now();
  sink_.Send(event);
}

void JobWatch::OnSent() {
  if (closed_) return;
  sending_ = false;
  if (!image_.has_value()) delivered_ = sent_;
  Pump();
}

void JobWatch::Stop() {
  closed_ = true;
  subscription_.reset();
  image_.reset();
}

void JobWatch::Drain() {
  draining_ = true;
  presenting_ = false;
  Pump();
}

absl::Status JobWatch::ResumeElsewhere(absl::string_view reason, absl::string_view message) const {
  return ApiError(absl::StatusCode::kUnavailable, reason, message,
                  {{"job", accepted_.name()}, {"last_sequence", absl::StrCat(delivered_)}});
}

void JobWatch::Close(const absl::Status& status) {
  Stop();
  sink_.Close(status);
}

}  // namespace darkroom::server
