#include "server/core/fleet_watch.h"

#include <algorithm>

#include "server/core/within.h"
#include "server/core/worker_view.h"

namespace darkroom::server {

void FleetWatch::Start() {
  fleet_.ListWorkers(Within<std::vector<scheduler::WorkerEntry>>(
      loop_, kStoreTimeout, [weak = weak_from_this()](const auto& workers) {
        if (auto self = weak.lock()) self->OnListed(workers);
      }));
  loop_.PostAfter(kRefresh, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->Start();
  });
}

absl::Duration FleetWatch::UntilRoom() const {
  return std::max(room_ - loop_.clock().Now(), absl::ZeroDuration());
}

void FleetWatch::OnListed(const absl::StatusOr<std::vector<scheduler::WorkerEntry>>& workers) {
  absl::Time first = absl::InfiniteFuture();
  std::vector<darkroom::internal::v1::ModelCosts> measured;
  const std::vector<scheduler::WorkerEntry> none;
  for (const scheduler::WorkerEntry& entry : workers.ok() ? *workers : none) {
    const darkroom::internal::v1::WorkerRecord record = ReadWorkerRecord(entry);
    measured.insert(measured.end(), record.costs().begin(), record.costs().end());
    if (entry.wish != scheduler::WorkerWish::kServe) continue;
    const google::protobuf::Duration& room = record.worker().time_until_room();
    first = std::min(first, loop_.clock().Now() + absl::Seconds(room.seconds()) +
                                absl::Nanoseconds(room.nanos()));
  }
  catalogue_->Learn(measured);
  room_ = first == absl::InfiniteFuture() ? absl::InfinitePast() : first;
}

}  // namespace darkroom::server
