#ifndef DARKROOM_SERVER_CORE_FLEET_WATCH_H_
#define DARKROOM_SERVER_CORE_FLEET_WATCH_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "scheduler/core/fleet.h"
#include "server/admission/model_catalogue.h"
#include "server/core/loop.h"

namespace darkroom::server {

// What the workers last reported, read again every kRefresh: when one can take the next job, for so
// long even the job that is first in the queue waits; and what they have measured, which it tells
// the catalogue. Loop thread only.
class FleetWatch : public std::enable_shared_from_this<FleetWatch> {
 public:
  static constexpr absl::Duration kRefresh = absl::Seconds(1);

  // Loop and fleet outlive it.
  FleetWatch(Loop& loop, scheduler::Fleet& fleet, std::shared_ptr<ModelCatalogue> catalogue)
      : loop_(loop), fleet_(fleet), catalogue_(std::move(catalogue)) {}

  // Begins to read. Call once.
  void Start();

  // Until the first worker that serves has room; zero when one has, when one cannot tell, and while
  // nothing is known.
  absl::Duration UntilRoom() const;

 private:
  void OnListed(const absl::StatusOr<std::vector<scheduler::WorkerEntry>>& workers);

  Loop& loop_;
  scheduler::Fleet& fleet_;
  const std::shared_ptr<ModelCatalogue> catalogue_;
  absl::Time room_ = absl::InfinitePast();
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_FLEET_WATCH_H_
