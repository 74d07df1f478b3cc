#include "worker/engine/fleet_reporter.h"

#include <algorithm>

#include "common/log.h"
#include "darkroom/internal/v1/worker_record.pb.h"
#include "scheduler/core/record_version.h"

namespace darkroom::worker {
namespace {

constexpr absl::Duration kPictureWindow = absl::Minutes(1);

}  // namespace

FleetReporter::FleetReporter(std::string worker, v1::Worker self, Hooks hooks,
                             scheduler::Fleet& fleet, const Clock& clock)
    : worker_(std::move(worker)),
      self_(std::move(self)),
      hooks_(std::move(hooks)),
      fleet_(fleet),
      clock_(clock) {}

void FleetReporter::Run() {
  while (!mailbox_->closed()) mailbox_->Wait(Pump());
}

absl::Duration FleetReporter::Pump() {
  for (Message& message : mailbox_->Take()) {
    std::visit([this](auto& kind) { Handle(std::move(kind)); }, message);
  }
  if (due_ <= clock_.Now()) Report();
  return std::max(absl::ZeroDuration(), due_ - clock_.Now());
}

void FleetReporter::Report() {
  const absl::Time now = clock_.Now();
  due_ = now + kInterval;
  internal::v1::WorkerRecord record;
  record.set_version(scheduler::kWorkerRecordVersion);
  v1::Worker& worker = *record.mutable_worker();
  worker = self_;
  hooks_.describe(record);
  worker.set_state(draining_                                ? v1::WORKER_STATE_DRAINING
                   : wish_ == scheduler::WorkerWish::kPause ? v1::WORKER_STATE_PAUSED
                                                            : v1::WORKER_STATE_SERVING);
  worker.set_pictures_last_minute(
      static_cast<std::int32_t>(CountPictures(worker.pictures_done(), now)));
  fleet_.ReportWorker({.worker = worker_, .record = record.SerializeAsString(), .first = first_},
                      [mailbox = mailbox_](Answer answer) { mailbox->Post(std::move(answer)); });
}

std::int64_t FleetReporter::CountPictures(std::int64_t done, absl::Time now) {
  pictures_.emplace_back(now, done);
  // One that is older than the window stays, where the window begins.
  while (pictures_.size() > 1 && pictures_[1].first <= now - kPictureWindow) {
    pictures_.pop_front();
  }
  return done - pictures_.front().second;
}

void FleetReporter::Handle(Draining) {
  draining_ = true;
  due_ = std::min(due_, clock_.Now());
}

void FleetReporter::Handle(Leaving) {
  due_ = absl::InfiniteFuture();
  fleet_.LeaveFleet(worker_, [left = left_](const absl::Status&) { *left = true; });
}

void FleetReporter::Handle(const Answer& answer) {
  if (hooks_.told) hooks_.told(answer.status());
  if (!answer.ok()) {
    if (!failing_) {
      log::Warning("the fleet was not told of this worker", {{"why", answer.status().ToString()}});
    }
    failing_ = true;
    return;
  }
  failing_ = false;
  first_ = false;
  if (*answer == wish_) return;
  wish_ = *answer;
  log::Info("worker was asked", {{"worker", worker_}, {"to", scheduler::WishName(wish_)}});
  hooks_.obey(wish_);
  // So that it is seen to have done so.
  due_ = std::min(due_, clock_.Now());
}

}  // namespace darkroom::worker
