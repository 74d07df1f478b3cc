#ifndef DARKROOM_SERVER_CORE_FLEET_CORE_H_
#define DARKROOM_SERVER_CORE_FLEET_CORE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/await.h"
#include "darkroom/v1/fleet_service.pb.h"
#include "scheduler/core/fleet.h"
#include "scheduler/core/job_queue.h"
#include "scheduler/core/promise_meter.h"
#include "server/core/audit_trail.h"
#include "server/core/caller.h"
#include "server/core/loop.h"

namespace darkroom::server {

// The fleet service without its transport. Every error is an ApiError. Loop thread only; callbacks
// run there, once.
class FleetCore : public std::enable_shared_from_this<FleetCore> {
 public:
  // Loop and ports outlive the core.
  FleetCore(Loop& loop, scheduler::Fleet& fleet, scheduler::JobQueue& queue,
            scheduler::PromiseMeter& promises, std::shared_ptr<AuditTrail> audit);

  void ListWorkers(Callback<darkroom::v1::ListWorkersResponse> done);
  // Says what is wanted of a worker, by its resource name; `action` is for the audit.
  void AskWorker(const Caller& caller, absl::string_view action, const std::string& name,
                 scheduler::WorkerWish wish, Callback<darkroom::v1::Worker> done);
  // Reads workers, tiers, depth and errors of promises one after the other.
  void GetFleet(Callback<darkroom::v1::Fleet> done);

 private:
  void AddTiers(darkroom::v1::Fleet fleet, Callback<darkroom::v1::Fleet> done);
  void AddDepth(darkroom::v1::Fleet fleet, Callback<darkroom::v1::Fleet> done);
  void AddPromises(darkroom::v1::Fleet fleet, Callback<darkroom::v1::Fleet> done);

  Loop& loop_;
  scheduler::Fleet& fleet_;
  scheduler::JobQueue& queue_;
  scheduler::PromiseMeter& promises_;
  const std::shared_ptr<AuditTrail> audit_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_FLEET_CORE_H_
