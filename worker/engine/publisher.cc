#include "worker/engine/publisher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"

namespace darkroom::worker {

using scheduler::Failed;
using scheduler::JobOutcome;
using scheduler::ProgressEvent;
using scheduler::WorkerEvent;

namespace {

bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

bool EndsJob(const Parcel& parcel) {
  return std::holds_alternative<JobOutcome>(parcel) ||
         std::holds_alternative<ReleaseParcel>(parcel);
}

}  // namespace

Publisher::Publisher(scheduler::LeaseStore& leases, scheduler::EventBus& events,
                     scheduler::ResultStore& results, const Clock& clock, WorkObserver& observer)
    : leases_(leases), events_(events), results_(results), clock_(clock), observer_(observer) {}

void Publisher::Progress(std::shared_ptr<Lease> lease, ProgressEvent event) {
  Post(std::move(lease), event);
}

void Publisher::Preview(std::shared_ptr<Lease> lease, scheduler::PreviewEvent event,
                        std::string jpeg) {
  Post(std::move(lease), PreviewParcel{event, std::move(jpeg)});
}

void Publisher::Image(std::shared_ptr<Lease> lease, int image, std::string png) {
  const scheduler::Fence fence = lease->key().fence;
  Post(std::move(lease),
       ImageParcel{.event = {image, fence}, .png = std::move(png), .made = clock_.Now()});
}

void Publisher::Step(std::shared_ptr<Lease> lease, std::string step) {
  Post(std::move(lease), StepParcel{std::move(step)});
}

void Publisher::Finish(std::shared_ptr<Lease> lease, JobOutcome outcome) {
  Post(std::move(lease), std::move(outcome));
}

void Publisher::Release(std::shared_ptr<Lease> lease) { Post(std::move(lease), ReleaseParcel{}); }

void Publisher::Post(std::shared_ptr<Lease> lease, Parcel parcel) {
  ++posted_;
  mailbox_->Post(Added{std::move(lease), std::move(parcel)});
}

void Publisher::Run() {
  while (!mailbox_->closed()) mailbox_->Wait(Pump());
}

absl::Duration Publisher::Pump() {
  int taken = 0;
  // A port may answer inside the call, so that one round can make work for another.
  for (bool more = true; more;) {
    more = false;
    for (Message& message : mailbox_->Take()) {
      taken += std::holds_alternative<Added>(message) ? 1 : 0;
      std::visit([this](auto& kind) { Handle(std::move(kind)); }, message);
      more = true;
    }
    std::erase_if(outboxes_, [](const auto& box) { return !box.first->open(); });
    for (auto& [lease, outbox] : outboxes_) {
      if (const Parcel* parcel = outbox.Send(clock_.Now(), saving_ == nullptr)) {
        if (std::holds_alternative<StepParcel>(*parcel)) saving_ = lease;
        Send(lease, *parcel);
        more = true;
      }
    }
  }
  busy_ = static_cast<int>(std::count_if(outboxes_.begin(), outboxes_.end(),
                                         [](const auto& box) { return !box.second.empty(); }));
  posted_ -= taken;
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [lease, outbox] : outboxes_) {
    next = std::min(next, outbox.next_due(saving_ == nullptr));
  }
  return std::max(absl::ZeroDuration(), next - clock_.Now());
}

void Publisher::Handle(Added added) {
  if (!added.lease->open()) return;
  Outbox& outbox = outboxes_[added.lease];
  if (EndsJob(added.parcel)) outbox.NoteEnded(clock_.Now());
  outbox.Add(std::move(added.parcel));
}

void Publisher::Handle(Answered answered) {
  if (answered.lease == saving_) saving_ = nullptr;
  const auto box = outboxes_.find(answered.lease);
  if (box == outboxes_.end()) return;
  Lease& lease = *answered.lease;
  Outbox& outbox = box->second;
  if (absl::IsAborted(answered.status)) {
    lease.MarkLost();
  } else if (!answered.status.ok()) {
    HandleFailure(lease, outbox, answered.status);
  } else {
    const Parcel& sent = outbox.in_flight();
    const bool ends = EndsJob(sent);
    Observe(lease.labels(), outbox);
    if (outbox.Sent(clock_.Now()) && ends) lease.Close();
  }
}

void Publisher::Observe(const JobLabels& job, const Outbox& outbox) {
  const absl::Time now = clock_.Now();
  const Parcel& sent = outbox.in_flight();
  if (const auto* image = std::get_if<ImageParcel>(&sent); image != nullptr && image->bytes_sent) {
    observer_.NoteStored(job, image->event.image, now - image->made);
  } else if (const auto* outcome = std::get_if<JobOutcome>(&sent)) {
    observer_.NoteEnd(job, *outcome, now - job.submitted, now - outbox.ended());
  } else if (std::holds_alternative<ReleaseParcel>(sent)) {
    observer_.NoteParting(job, WorkObserver::Parting::kReleased);
  }
}

void Publisher::HandleFailure(Lease& lease, Outbox& outbox, const absl::Status& status) {
  const absl::Time now = clock_.Now();
  const bool image = std::holds_alternative<ImageParcel>(outbox.in_flight());
  const bool full = absl::IsResourceExhausted(status) && image &&
                    now - std::min(now, outbox.failing_since()) < kStorePatience;
  if (MayPass(status) || full) {
    outbox.Postpone(now);
    return;
  }
  log::Warning("a write for a job was refused", {{"job", lease.key().id},
                                                 {"trace_id", lease.labels().trace.trace_id},
                                                 {"error", status.ToString()}});
  // The store will not have this end: the lease lapses and the reaper decides.
  if (EndsJob(outbox.in_flight())) lease.Close();
  outbox.Drop();
  if (!image) return;
  lease.NoteComputed();
  outbox = Outbox();
  outbox.NoteEnded(now);
  outbox.Add(JobOutcome(Failed{{"RESULT_NOT_STORED", "the picture could not be stored"}}));
}

void Publisher::Send(const std::shared_ptr<Lease>& lease, const Parcel& parcel) {
  const scheduler::LeaseKey& key = lease->key();
  if (const auto* progress = std::get_if<ProgressEvent>(&parcel)) {
    events_.Append(key, *progress, AnswerTo(lease));
  } else if (const auto* preview = std::get_if<PreviewParcel>(&parcel)) {
    if (preview->bytes_sent) {
      events_.Append(key, preview->event, AnswerTo(lease));
    } else {
      events_.PutPreview(key, preview->event.image, preview->jpeg, AnswerTo(lease));
    }
  } else if (const auto* image = std::get_if<ImageParcel>(&parcel)) {
    if (image->bytes_sent) {
      events_.Append(key, image->event, AnswerTo(lease));
    } else {
      results_.Put(key, image->event.image, image->png, AnswerTo(lease));
    }
  } else if (const auto* step = std::get_if<StepParcel>(&parcel)) {
    results_.PutStep(key, step->step, AnswerTo(lease));
  } else if (const auto* outcome = std::get_if<JobOutcome>(&parcel)) {
    leases_.Finish(key, *outcome, AnswerTo(lease));
  } else {
    leases_.Release(key, AnswerTo(lease));
  }
}

Done Publisher::AnswerTo(const std::shared_ptr<Lease>& lease) {
  return [mailbox = mailbox_, lease](absl::Status status) {
    mailbox->Post(Answered{lease, std::move(status)});
  };
}

}  // namespace darkroom::worker
