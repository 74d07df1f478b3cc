#ifndef DARKROOM_SERVER_CORE_WAIT_PROMISES_H_
#define DARKROOM_SERVER_CORE_WAIT_PROMISES_H_

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "scheduler/core/job.h"
#include "scheduler/core/promise_meter.h"
#include "server/admission/model_catalogue.h"
#include "server/core/fleet_watch.h"
#include "server/core/loop.h"

namespace darkroom::server {

// Foretells the waits of queued jobs, and keeps account of how right that was. Everything that
// tells a client how long a job will wait asks here, so what is counted is what was promised: the
// first promise about a job and the newest one, when a worker takes it, each against its whole wait
// from the first promise on. Waits below kShortest are not counted: nobody reads them.
//
// The account is kept here, and not in the store with the job, because the store would have to take
// it up and settle it with each submission and lease, those whose wait nobody asked for as well;
// so it costs the store one small script a tier each kFlush. A job that is promised something by
// two gateways is counted by both.
//
// Loop thread only.
class WaitPromises : public std::enable_shared_from_this<WaitPromises> {
 public:
  static constexpr absl::Duration kShortest = absl::Seconds(1);
  static constexpr absl::Duration kFlush = absl::Seconds(5);
  static constexpr std::size_t kMostJobs = 20'000;  // then the one promised longest ago goes

  // Loop and meter outlive it.
  WaitPromises(Loop& loop, scheduler::PromiseMeter& meter,
               std::shared_ptr<const ModelCatalogue> catalogue,
               std::shared_ptr<const FleetWatch> workers);

  // Begins to pass on what is counted. Call once.
  void Start();

  // Foretells the wait of a job as it stands: until a worker has room, and until what goes first
  // has been worked off. None unless it is queued, and while its model is not measured or no worker
  // serves it. Promises nothing.
  std::optional<absl::Duration> Foretell(const scheduler::JobSnapshot& job) const;
  // The same as a promise that begins now. A job that does not wait any more settles it.
  std::optional<absl::Duration> Promise(const scheduler::JobSnapshot& job);
  // The job was taken by a worker at this time, by the store's clock.
  void NoteTaken(const scheduler::JobId& job, absl::Time time);

 private:
  struct Promised {
    std::string tier;
    absl::Time first_time;
    absl::Duration first;
    absl::Duration newest;  // whole wait, from the first promise on
    std::list<scheduler::JobId>::iterator place;
  };

  void Keep(const scheduler::JobSnapshot& job, absl::Duration wait);
  void Drop(const scheduler::JobId& job);
  void FlushRepeatedly();

  Loop& loop_;
  scheduler::PromiseMeter& meter_;
  const std::shared_ptr<const ModelCatalogue> catalogue_;
  const std::shared_ptr<const FleetWatch> workers_;
  std::unordered_map<scheduler::JobId, Promised> promised_;
  std::list<scheduler::JobId> order_;   // the one promised longest ago first
  scheduler::PromiseErrors uncounted_;  // since the last flush
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_WAIT_PROMISES_H_
