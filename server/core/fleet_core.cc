#include "server/core/fleet_core.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/core/api_error.h"
#include "server/core/job_view.h"
#include "server/core/resource_name.h"
#include "server/core/within.h"
#include "server/core/worker_view.h"

namespace darkroom::server {
namespace {

absl::Status ExplainWorkerError(const absl::Status& status) {
  if (!absl::IsNotFound(status)) return StoreError(status);
  return ApiError(absl::StatusCode::kNotFound, reason::kWorkerNotFound,
                  "there is no worker of this name, or it has not reported lately; ListWorkers has "
                  "those that are there");
}

}  // namespace

FleetCore::FleetCore(Loop& loop, scheduler::Fleet& fleet, scheduler::JobQueue& queue,
                     scheduler::PromiseMeter& promises, std::shared_ptr<AuditTrail> audit)
    : loop_(loop), fleet_(fleet), queue_(queue), promises_(promises), audit_(std::move(audit)) {}

void FleetCore::ListWorkers(Callback<darkroom::v1::ListWorkersResponse> done) {
  fleet_.ListWorkers(Within<std::vector<scheduler::WorkerEntry>>(
      loop_, kStoreTimeout,
      [done = std::move(done)](
          const absl::StatusOr<std::vector<scheduler::WorkerEntry>>& workers) mutable {
        if (!workers.ok()) return done(StoreError(workers.status()));
        darkroom::v1::ListWorkersResponse response;
        for (const scheduler::WorkerEntry& entry : *workers) {
          *response.add_workers() = ViewWorker(entry);
        }
        done(std::move(response));
      }));
}

void FleetCore::AskWorker(const Caller& caller, absl::string_view action, const std::string& name,
                          scheduler::WorkerWish wish, Callback<darkroom::v1::Worker> done) {
  absl::StatusOr<std::string> id = ParseWorkerName(name);
  if (!id.ok()) return done(id.status());
  fleet_.AskWorker(
      *std::move(id), wish,
      Within<scheduler::WorkerEntry>(
          loop_, kStoreTimeout,
          [self = shared_from_this(), caller, action = std::string(action),
           done = std::move(done)](const absl::StatusOr<scheduler::WorkerEntry>& asked) mutable {
            if (!asked.ok()) return done(ExplainWorkerError(asked.status()));
            darkroom::v1::Worker worker = ViewWorker(*asked);
            const std::string target = worker.name();
            self->audit_->Record(caller, action, target, "",
                                 [worker = std::move(worker), done = std::move(done)]() mutable {
                                   done(std::move(worker));
                                 });
          }));
}

void FleetCore::GetFleet(Callback<darkroom::v1::Fleet> done) {
  ListWorkers([self = shared_from_this(), done = std::move(done)](
                  absl::StatusOr<darkroom::v1::ListWorkersResponse> listed) mutable {
    if (!listed.ok()) return done(listed.status());
    darkroom::v1::Fleet fleet;
    fleet.mutable_workers()->Swap(listed->mutable_workers());
    std::int64_t pictures = 0;
    for (const darkroom::v1::Worker& worker : fleet.workers()) {
      pictures += worker.pictures_last_minute();
    }
    fleet.set_pictures_last_minute(pictures);
    self->AddTiers(std::move(fleet), std::move(done));
  });
}

void FleetCore::AddTiers(darkroom::v1::Fleet fleet, Callback<darkroom::v1::Fleet> done) {
  queue_.DepthByTier(Within<std::vector<scheduler::TierDepth>>(
      loop_, kStoreTimeout,
      [self = shared_from_this(), fleet = std::move(fleet), done = std::move(done)](
          const absl::StatusOr<std::vector<scheduler::TierDepth>>& depths) mutable {
        if (!depths.ok()) return done(StoreError(depths.status()));
        const absl::Time now = self->loop_.clock().Now();
        for (const scheduler::TierDepth& depth : *depths) {
          darkroom::v1::TierQueue& tier = *fleet.add_tiers();
          tier.set_tier(depth.tier);
          tier.set_weight(depth.weight);
          tier.set_queued_jobs(depth.queued);
          *tier.mutable_queued_device_time() = ToDuration(depth.queued_cost);
          if (depth.oldest == absl::InfiniteFuture()) continue;
          // The clocks of store and gateway may differ a little.
          *tier.mutable_oldest_wait() =
              ToDuration(std::max(now - depth.oldest, absl::ZeroDuration()));
        }
        self->AddDepth(std::move(fleet), std::move(done));
      }));
}

void FleetCore::AddDepth(darkroom::v1::Fleet fleet, Callback<darkroom::v1::Fleet> done) {
  queue_.Depth(Within<scheduler::QueueDepth>(
      loop_, kStoreTimeout,
      [self = shared_from_this(), fleet = std::move(fleet),
       done = std::move(done)](const absl::StatusOr<scheduler::QueueDepth>& depth) mutable {
        if (!depth.ok()) return done(StoreError(depth.status()));
        fleet.set_queued_jobs(depth->queued);
        fleet.set_running_jobs(depth->running);
        fleet.set_dead_letters(depth->dead);
        self->AddPromises(std::move(fleet), std::move(done));
      }));
}

void FleetCore::AddPromises(darkroom::v1::Fleet fleet, Callback<darkroom::v1::Fleet> done) {
  promises_.ReadPromises(Within<scheduler::PromiseErrors>(
      loop_, kStoreTimeout,
      [fleet = std::move(fleet),
       done = std::move(done)](const absl::StatusOr<scheduler::PromiseErrors>& read) mutable {
        if (!read.ok()) return done(StoreError(read.status()));
        for (const auto& [tier, counted] : *read) {
          darkroom::v1::PromiseErrors& errors = *fleet.add_promise_errors();
          errors.set_tier(tier);
          errors.set_jobs(counted.first.total());
          errors.set_first_p50(counted.first.Quantile(0.5));
          errors.set_first_p90(counted.first.Quantile(0.9));
          errors.set_newest_p50(counted.newest.Quantile(0.5));
          errors.set_newest_p90(counted.newest.Quantile(0.9));
        }
        done(std::move(fleet));
      }));
}

}  // namespace darkroom::server
