#include "worker/engine/lease_keeper.h"

#include <algorithm>
#include <utility>

#include "common/log.h"

namespace darkroom::worker {

using scheduler::LeaseKey;
using scheduler::LeaseStatus;

namespace {

constexpr std::size_t kMostKeys = 100;  // of one renewal

void Apply(LeaseStatus status, Lease& lease) {
  switch (status) {
    case LeaseStatus::kHeld:
      return;
    case LeaseStatus::kCancelRequested:
      lease.RequestCancel();
      return;
    case LeaseStatus::kLost:
      // A lease that was closed meanwhile has ended as it should.
      if (!lease.open()) return;
      lease.MarkLost();
      log::Warning("lease lost", {{"job", lease.key().id},
                                  {"trace_id", lease.labels().trace.trace_id},
                                  {"fence", lease.key().fence}});
      return;
  }
}

}  // namespace

LeaseKeeper::LeaseKeeper(scheduler::LeaseStore& leases, scheduler::EventBus& events,
                         const Clock& clock, WorkObserver& observer)
    : leases_(leases), events_(events), clock_(clock), observer_(observer) {}

void LeaseKeeper::Hold(std::shared_ptr<Lease> lease) { mailbox_->Post(Added{std::move(lease)}); }

void LeaseKeeper::Run() {
  while (!mailbox_->closed()) mailbox_->Wait(Pump());
}

absl::Duration LeaseKeeper::Pump() {
  do {
    for (Message& message : mailbox_->Take()) {
      std::visit([this](auto& kind) { Handle(std::move(kind)); }, message);
    }
    std::erase_if(held_, [this](const auto& entry) {
      if (entry.first->lost()) {
        observer_.NoteParting(entry.first->labels(), WorkObserver::Parting::kLost);
      }
      return !entry.first->open();
    });
  } while (RenewSome());
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [lease, held] : held_) {
    if (!held.in_flight) next = std::min(next, held.due);
  }
  return std::max(absl::ZeroDuration(), next - clock_.Now());
}

void LeaseKeeper::Handle(Added added) {
  // A cancel may have come between the lease and the subscription: the first renewal is due now.
  held_[added.lease].hints = events_.Subscribe(
      scheduler::JobTopic{added.lease->key().id},
      [mailbox = mailbox_, lease = added.lease] { mailbox->Post(Hinted{lease}); });
}

void LeaseKeeper::Handle(Hinted hinted) {
  const auto entry = held_.find(hinted.lease);
  if (entry == held_.end()) return;
  Held& held = entry->second;
  held.due = std::min(held.due, std::max(clock_.Now(), held.renewed + kHintInterval));
}

void LeaseKeeper::Handle(Answered answered) {
  if (!answered.statuses.ok()) {
    log::Warning("leases could not be renewed", {{"error", answered.statuses.status().ToString()}});
  }
  for (std::size_t i = 0; i < answered.leases.size(); ++i) {
    const auto entry = held_.find(answered.leases[i]);
    if (entry == held_.end()) continue;
    entry->second.in_flight = false;
    if (!answered.statuses.ok()) {
      entry->second.due = clock_.Now() + kRetry;
    } else {
      Apply((*answered.statuses)[i], *answered.leases[i]);
    }
  }
}

bool LeaseKeeper::RenewSome() {
  const absl::Time now = clock_.Now();
  std::vector<LeaseKey> keys;
  std::vector<std::shared_ptr<Lease>> due;
  for (auto& [lease, held] : held_) {
    if (held.in_flight || held.due > now || keys.size() == kMostKeys) continue;
    if (lease->stalled(now)) {
      held.due = now + kRetry;
      continue;
    }
    held.in_flight = true;
    held.renewed = now;
    held.due = now + kInterval;
    keys.push_back(lease->key());
    due.push_back(lease);
  }
  if (keys.empty()) return false;
  leases_.Renew(std::move(keys), [mailbox = mailbox_, due = std::move(due)](auto statuses) mutable {
    mailbox->Post(Answered{std::move(due), std::move(statuses)});
  });
  return true;
}

}  // namespace darkroom::worker
