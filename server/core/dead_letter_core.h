#ifndef DARKROOM_SERVER_CORE_DEAD_LETTER_CORE_H_
#define DARKROOM_SERVER_CORE_DEAD_LETTER_CORE_H_

#include <memory>
#include <string>

#include "common/await.h"
#include "darkroom/v1/admin_service.pb.h"
#include "scheduler/core/dead_letters.h"
#include "scheduler/core/job_queue.h"
#include "server/core/audit_trail.h"
#include "server/core/caller.h"
#include "server/core/loop.h"

namespace darkroom::server {

// The dead letters of the admin service without its transport. Every error is an ApiError. Loop
// thread only; callbacks run there, once.
class DeadLetterCore : public std::enable_shared_from_this<DeadLetterCore> {
 public:
  // Loop and ports outlive the core.
  DeadLetterCore(Loop& loop, scheduler::DeadLetters& letters, scheduler::JobQueue& queue,
                 std::shared_ptr<AuditTrail> audit);

  void ListDeadLetters(const darkroom::v1::ListDeadLettersRequest& request,
                       Callback<darkroom::v1::ListDeadLettersResponse> done);
  // Queues the letter's job anew and takes the letter off the list: two steps, of which both may be
  // repeated. The tenant's limits do not count, as it has waited before.
  void RequeueDeadLetter(const Caller& caller,
                         const darkroom::v1::RequeueDeadLetterRequest& request,
                         Callback<darkroom::v1::RequeueDeadLetterResponse> done);

 private:
  using Requeued = Callback<darkroom::v1::RequeueDeadLetterResponse>;

  void Queue(Caller caller, const scheduler::DeadLetter& letter, Requeued done);
  // `letter` and `job` are ids: of the old job and of the new one.
  void Remove(const Caller& caller, std::string letter, std::string job, Requeued done);

  Loop& loop_;
  scheduler::DeadLetters& letters_;
  scheduler::JobQueue& queue_;
  const std::shared_ptr<AuditTrail> audit_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_DEAD_LETTER_CORE_H_
